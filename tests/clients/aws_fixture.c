/* Homes in /tmp, and expectations on diagnostics. */
#include "tests/clients/aws_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

extern char **environ;

struct arena aws_arena;
struct call aws_call;

static char home[64];

static void clear_environment(void)
{
    for (char **variable = environ; *variable;) {
        char name[128];
        size_t len = strcspn(*variable, "=");
        if (strncmp(*variable, "AWS_", 4) != 0 || len >= sizeof name) {
            variable++;
            continue;
        }
        memcpy(name, *variable, len);
        name[len] = '\0';
        unsetenv(name);
        variable = environ;
    }
}

void aws_begin(void)
{
    clear_environment();
    snprintf(home, sizeof home, "/tmp/aws_fixture.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(home));
    setenv("HOME", home, 1);
    aws_arena = arena_make(NULL);
    aws_call = (struct call){ .arena = &aws_arena };
    mkdir(str_print(&aws_arena, "%s/.aws", home).at, 0700);
}

void aws_end(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", home);
    ck_assert_int_eq(system(command), 0);
    ck_assert_msg(aws_call.errors == 0, "left over: %s",
                  aws_call.errors ? aws_call.last->detail.at : "");
    arena_release(&aws_arena);
    aws_credentials_close();
}

struct str aws_write(const char *name, const char *text)
{
    struct str path = str_print(&aws_arena, "%s/%s", home, name);
    FILE *file = fopen(path.at, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return path;
}

struct aws_config aws_resolve(const struct aws_settings *settings)
{
    struct aws_config config;
    ck_assert_msg(aws_config_resolve(&aws_call, NULL, settings, &config), "%s",
                  aws_call.last ? aws_call.last->detail.at : "no diagnostic");
    return config;
}

struct aws_config aws_resolve_static(void)
{
    return aws_resolve(&(struct aws_settings){ .region = STR("eu-west-1"),
                                               .access_key = STR("AKIDTEST"),
                                               .secret_key = STR("secret/test+key") });
}

void aws_expect_error(const char *words)
{
    ck_assert_uint_eq(aws_call.errors, 1);
    ck_assert_msg(str_contains(aws_call.last->detail, words) ||
                      str_contains(aws_call.last->summary, words),
                  "%s: %s", aws_call.last->summary.at, aws_call.last->detail.at);
    ck_assert(!str_contains(aws_call.last->detail, "secret/test+key"));
    ck_assert(!str_contains(aws_call.last->detail, "wrong.wrong"));
    aws_call.first = aws_call.last = NULL;
    aws_call.errors = 0;
}
