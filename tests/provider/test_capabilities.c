/* What the server says it can do is what it can do. */
#include "provider/capabilities.h"

#include "provider/dispatch.h"
#include "tests/provider/rpc_case.h"

START_TEST(only_what_is_offered)
{
    const Tfplugin6__ServerCapabilities *can = capabilities_make(&arena);
    ck_assert(can->plan_destroy);
    ck_assert(can->get_provider_schema_optional);
    ck_assert(!can->generate_resource_config);
    bool moves = false;
    for (size_t i = 0; i < dispatch_method_count; i++)
        moves = moves || str_ends(str_of(dispatch_methods[i].path), "/MoveResourceState");
    ck_assert_int_eq(can->move_resource_state, moves);
}
END_TEST

START_TEST(it_is_a_message_of_its_own)
{
    const ProtobufCMessage *message = &capabilities_make(&arena)->base;
    ck_assert_ptr_eq(message->descriptor, &tfplugin6__server_capabilities__descriptor);
    ck_assert_ptr_ne(message, &capabilities_make(&arena)->base);
    ck_assert_uint_eq(protobuf_c_message_get_packed_size(message), 4);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        only_what_is_offered,
        it_is_a_message_of_its_own,
    };
    return RUN_SUITE("capabilities", tests);
}
