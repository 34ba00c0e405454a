/* The handshake of go-plugin, server side. */
#include "provider/handshake.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/encoding.h"
#include "provider/tls.h"

#define COOKIE_VARIABLE "TF_PLUGIN_MAGIC_COOKIE"
#define COOKIE "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
#define BACKLOG 64

/* The value of VARIABLE; at == NULL where it is unset or empty. */
static struct str environment(const char *variable)
{
    struct str value = str_of(getenv(variable));
    return value.len ? value : (struct str){ 0 };
}

bool handshake_check(struct call *call)
{
    if (!str_is(environment(COOKIE_VARIABLE), COOKIE))
        return fail(call, NULL, "This program is a plugin",
                    "Terraform and OpenTofu start it by themselves. Name gpushare/gpushare in a "
                    "required_providers block and run terraform init; to run it by hand for "
                    "debugging, use -debug.");
    struct str versions = environment("PLUGIN_PROTOCOL_VERSIONS"), rest = versions, version;
    bool spoken = !versions.at;
    while (str_split(&rest, ',', &version)) {
        int64_t number;
        if (str_to_int(str_trim(version), &number) && number == HANDSHAKE_PROTOCOL_VERSION)
            spoken = true;
    }
    if (!spoken)
        return fail(call, NULL, "Terraform is too old for this provider",
                    "It speaks the plugin protocol in versions %.*s, this provider in version %d. "
                    "Terraform 1.0 or OpenTofu 1.6 and later do.",
                    STR_ARG(versions), HANDSHAKE_PROTOCOL_VERSION);
    return true;
}

/* The path goes into a line that is split at '|', into JSON, and into a shell's quotes. */
static bool is_usable_parent(struct str path)
{
    static const char name[] = "/gpushare-XXXXXX/plugin";
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.at[i] < 0x20 || strchr("|'\"\\\x7f", path.at[i]))
            return false;
    return str_starts(path, "/") && path.len + sizeof name - 1 <= HANDSHAKE_ADDRESS_LIMIT;
}

/* A new directory in PARENT, 0700 as mkdtemp makes it, and the address of the socket in it. */
static bool make_directory(struct handshake *handshake, struct str parent)
{
    if (!parent.at || !is_usable_parent(parent))
        return false;
    snprintf(handshake->directory, sizeof handshake->directory, "%.*s/gpushare-XXXXXX",
             STR_ARG(parent));
    if (!mkdtemp(handshake->directory)) {
        handshake->directory[0] = '\0';
        return false;
    }
    snprintf(handshake->address, sizeof handshake->address, "%.*s/plugin",
             (int)strlen(handshake->directory), handshake->directory);
    return true;
}

static bool choose_directory(struct call *call, struct handshake *handshake)
{
    struct str wanted = environment("PLUGIN_UNIX_SOCKET_DIR");
    if (wanted.at) {
        if (make_directory(handshake, wanted))
            return true;
        return fail(call, NULL, "No directory for the plugin's socket",
                    "PLUGIN_UNIX_SOCKET_DIR is %.*s. It must be an absolute path, shorter than 85 "
                    "bytes and without quotes, of a directory that may be written to.",
                    STR_ARG(wanted));
    }
    if (make_directory(handshake, environment("TMPDIR")) || make_directory(handshake, STR("/tmp")))
        return true;
    return fail(call, NULL, "No directory for the plugin's socket",
                "Neither in TMPDIR (an absolute path, shorter than 85 bytes) nor in /tmp could a "
                "directory be made. Set TMPDIR to a directory that may be written to.");
}

/* The host asks that members of a group may connect too. */
static bool open_to_group(const struct handshake *handshake, struct str name)
{
    char buffer[4096];
    struct group entry, *found = NULL;
    int64_t number;
    gid_t group;
    if (getgrnam_r(name.at, &entry, buffer, sizeof buffer, &found) == 0 && found)
        group = found->gr_gid;
    else if (str_to_int(name, &number) && number >= 0 && number < UINT32_MAX)
        group = (gid_t)number;
    else
        return false;
    return chown(handshake->directory, (uid_t)-1, group) == 0 &&
           chmod(handshake->directory, 0710) == 0 &&
           chown(handshake->address, (uid_t)-1, group) == 0 && chmod(handshake->address, 0660) == 0;
}

static bool listen_on_socket(struct call *call, struct handshake *handshake)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, handshake->address, sizeof handshake->address);
    handshake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handshake->listener < 0 ||
        bind(handshake->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(handshake->listener, BACKLOG) != 0)
        return fail(call, NULL, "No socket for the plugin",
                    "The system refused to listen at %s: error %d.", handshake->address, errno);
    struct str group = environment("PLUGIN_UNIX_SOCKET_GROUP");
    if (group.at && !open_to_group(handshake, group))
        return fail(call, NULL, "No access for the group",
                    "PLUGIN_UNIX_SOCKET_GROUP is %.*s. It must be the name or number of a group "
                    "that this user is a member of.",
                    STR_ARG(group));
    return true;
}

static bool prepare_tls(struct call *call, struct handshake *handshake)
{
    handshake->client_pem = environment("PLUGIN_CLIENT_CERT");
    if (!handshake->client_pem.at)
        return true;
    handshake->certificate = tls_make_certificate(call->arena, &handshake->key);
    if (handshake->certificate.at)
        return true;
    return fail(call, NULL, "No certificate for the plugin",
                "OpenSSL could not make a key on P-256 and a certificate for it. Terraform and the "
                "provider talk without TLS where TF_DISABLE_PLUGIN_TLS is set.");
}

bool handshake_open(struct call *call, bool with_tls, struct handshake *out)
{
    *out = (struct handshake){ .listener = -1 };
    if ((!with_tls || prepare_tls(call, out)) && choose_directory(call, out) &&
        listen_on_socket(call, out))
        return true;
    if (out->listener >= 0)
        close(out->listener);
    handshake_close(out);
    return false;
}

struct str handshake_line(struct call *call, const struct handshake *handshake)
{
    struct str certificate = base64_encode_raw(call->arena, handshake->certificate);
    return str_print(call->arena, "1|%d|unix|%s|grpc|%.*s%s\n", HANDSHAKE_PROTOCOL_VERSION,
                     handshake->address, STR_ARG(certificate),
                     environment("PLUGIN_MULTIPLEX_GRPC").at ? "|false" : "");
}

struct str handshake_reattach(struct call *call, const struct handshake *handshake)
{
    struct str entry =
        str_print(call->arena,
                  "{\"Protocol\":\"grpc\",\"ProtocolVersion\":%d,\"Pid\":%ld,\"Test\":true,"
                  "\"Addr\":{\"Network\":\"unix\",\"String\":\"%s\"}}",
                  HANDSHAKE_PROTOCOL_VERSION, (long)getpid(), handshake->address);
    return str_print(call->arena,
                     "The provider is running. To use it, set this variable for terraform or tofu "
                     "in another terminal; Ctrl-C here ends it:\n\n"
                     "\tTF_REATTACH_PROVIDERS='{\"registry.terraform.io/gpushare/gpushare\":%.*s,"
                     "\"registry.opentofu.org/gpushare/gpushare\":%.*s}'\n",
                     STR_ARG(entry), STR_ARG(entry));
}

SSL_CTX *handshake_tls(struct call *call, const struct handshake *handshake)
{
    SSL_CTX *context =
        tls_make_context(handshake->key, handshake->certificate, handshake->client_pem);
    if (!context)
        fail(call, NULL, "No TLS for the plugin",
             "PLUGIN_CLIENT_CERT must hold one certificate in PEM form, which Terraform puts there "
             "by itself.");
    return context;
}

void handshake_close(struct handshake *handshake)
{
    if (handshake->address[0])
        unlink(handshake->address);
    if (handshake->directory[0])
        rmdir(handshake->directory);
    EVP_PKEY_free(handshake->key);
    *handshake = (struct handshake){ .listener = -1 };
}
