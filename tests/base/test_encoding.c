/* Encodings against the vectors of their RFCs. */
#include "base/encoding.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;

static void setup(void)
{
    arena = arena_make(NULL);
}

static void teardown(void)
{
    arena_release(&arena);
}

static void expect(struct str got, const char *want)
{
    ck_assert_ptr_nonnull(got.at);
    ck_assert_str_eq(got.at, want);
    ck_assert_uint_eq(got.len, strlen(want));
}

/* RFC 4648, section 10. */
static const struct {
    const char *plain, *padded, *raw;
} base64_vectors[] = {
    { "", "", "" },
    { "f", "Zg==", "Zg" },
    { "fo", "Zm8=", "Zm8" },
    { "foo", "Zm9v", "Zm9v" },
    { "foob", "Zm9vYg==", "Zm9vYg" },
    { "fooba", "Zm9vYmE=", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
    { "\xfb\xff\xfe", "+//+", "+//+" },
};

START_TEST(base64_vector)
{
    struct str plain = str_of(base64_vectors[_i].plain);
    expect(base64_encode(&arena, plain), base64_vectors[_i].padded);
    expect(base64_encode_raw(&arena, plain), base64_vectors[_i].raw);
    expect(base64_decode(&arena, str_of(base64_vectors[_i].padded)), base64_vectors[_i].plain);
    expect(base64_decode(&arena, str_of(base64_vectors[_i].raw)), base64_vectors[_i].plain);
}
END_TEST

START_TEST(base64_holds_every_byte)
{
    char all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    for (size_t len = 0; len <= sizeof all; len++) {
        struct str bytes = { all, len };
        struct str back = base64_decode(&arena, base64_encode(&arena, bytes));
        ck_assert(str_equal(back, bytes));
        ck_assert_uint_eq(base64_encode(&arena, bytes).len, (len + 2) / 3 * 4);
    }
}
END_TEST

START_TEST(base64url_uses_its_own_alphabet)
{
    expect(base64url_encode(&arena, STR("\xfb\xff\xfe\xff")), "-__-_w");
    ck_assert_ptr_null(base64_decode(&arena, STR("-__-")).at);
}
END_TEST

START_TEST(base64_skips_line_ends)
{
    expect(base64_decode(&arena, STR(" Zm9v\r\nYm\tFy \n")), "foobar");
    expect(base64_decode(&arena, STR("Zg=\n=")), "f");
}
END_TEST

static const char *const not_base64[] = {
    "Z", "Zm9vY", "Zg=", "Zg===", "Zm9v=", "=", "Zg==Zg==", "Zm*v", "Zm9\x80", "====",
};

START_TEST(base64_refuses)
{
    ck_assert_ptr_null(base64_decode(&arena, str_of(not_base64[_i])).at);
}
END_TEST

START_TEST(hex)
{
    expect(hex_encode(&arena, ((struct str){ "\x00\x0f\xf0\xff", 4 })), "000ff0ff");
    expect(hex_encode(&arena, STR("")), "");
}
END_TEST

START_TEST(percent)
{
    expect(percent_encode(&arena, STR("AZaz09-_.~"), false), "AZaz09-_.~");
    expect(percent_encode(&arena, STR("a b/c+d%\xc3\xa9"), false), "a%20b%2Fc%2Bd%25%C3%A9");
    expect(percent_encode(&arena, STR("/a b/"), true), "/a%20b/");
    expect(percent_encode(&arena, STR(""), true), "");
}
END_TEST

static const struct {
    const char *text;
    size_t first; /* the length of the first sequence */
    bool valid;
} utf8_texts[] = {
    { "", 0, true },
    { "a\x7f", 1, true },
    { "\xc2\x80", 2, true },
    { "\xdf\xbf!", 2, true },
    { "\xe0\xa0\x80", 3, true },
    { "\xed\x9f\xbf\xee\x80\x80", 3, true },
    { "\xf0\x90\x80\x80", 4, true },
    { "\xf4\x8f\xbf\xbf", 4, true },
    { "a\xc3", 1, false },
    { "\x80", 0, false },
    { "\xc1\x81", 0, false },
    { "\xe0\x9f\xbf", 0, false },
    { "\xed\xa0\x80", 0, false },
    { "\xf0\x8f\xbf\xbf", 0, false },
    { "\xf4\x90\x80\x80", 0, false },
    { "\xf5\x80\x80\x80", 0, false },
    { "\xe2\x82", 0, false },
    { "\xe2\x82!", 0, false },
};

START_TEST(utf8)
{
    struct str text = str_of(utf8_texts[_i].text);
    ck_assert_uint_eq(utf8_length(text), utf8_texts[_i].first);
    ck_assert_int_eq(utf8_is_valid(text), utf8_texts[_i].valid);
}
END_TEST

/* FIPS 180-2, appendix B. */
START_TEST(sha256_vectors)
{
    expect(sha256_hex(&arena, STR("")),
           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256_hex(&arena, STR("abc")),
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256_hex(&arena, STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

static void expect_hmac(struct str key, struct str bytes, const char *want)
{
    unsigned char hash[32];
    hmac_sha256(key, bytes, hash);
    expect(hex_encode(&arena, (struct str){ (const char *)hash, sizeof hash }), want);
}

/* RFC 4231, cases 1, 2 and 6 (a key longer than a block). */
START_TEST(hmac_vectors)
{
    char repeated[131];
    memset(repeated, 0x0b, 20);
    expect_hmac((struct str){ repeated, 20 }, STR("Hi There"),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    expect_hmac(STR("Jefe"), STR("what do ya want for nothing?"),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(repeated, 0xaa, sizeof repeated);
    expect_hmac((struct str){ repeated, sizeof repeated },
                STR("Test Using Larger Than Block-Size Key - Hash Key First"),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    expect_hmac((struct str){ 0 }, STR(""),
                "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
END_TEST

static void expect_uuid(struct str uuid, char version)
{
    ck_assert_uint_eq(uuid.len, 36);
    for (size_t i = 0; i < uuid.len; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            ck_assert_int_eq(uuid.at[i], '-');
        else
            ck_assert_ptr_nonnull(strchr("0123456789abcdef", uuid.at[i]));
    }
    ck_assert_int_eq(uuid.at[14], version);
    ck_assert_ptr_nonnull(strchr("89ab", uuid.at[19]));
    ck_assert_int_eq(uuid.at[36], '\0');
}

START_TEST(uuids)
{
    struct str a = uuid_random(&arena), b = uuid_random(&arena);
    expect_uuid(a, '4');
    ck_assert(!str_equal(a, b));

    struct str named = uuid_of(&arena, STR("node group gpu"));
    expect_uuid(named, '5');
    ck_assert(str_equal(named, uuid_of(&arena, STR("node group gpu"))));
    ck_assert(!str_equal(named, uuid_of(&arena, STR("node group gpv"))));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("encoding");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, base64_vector, 0, sizeof base64_vectors / sizeof *base64_vectors);
    tcase_add_test(tests, base64_holds_every_byte);
    tcase_add_test(tests, base64url_uses_its_own_alphabet);
    tcase_add_test(tests, base64_skips_line_ends);
    tcase_add_loop_test(tests, base64_refuses, 0, sizeof not_base64 / sizeof *not_base64);
    tcase_add_test(tests, hex);
    tcase_add_test(tests, percent);
    tcase_add_loop_test(tests, utf8, 0, sizeof utf8_texts / sizeof *utf8_texts);
    tcase_add_test(tests, sha256_vectors);
    tcase_add_test(tests, hmac_vectors);
    tcase_add_test(tests, uuids);
    Suite *suite = suite_create("encoding");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
