/* Tests of pages. */
#include "schema/page.h"

#include "tests/schema/suite.h"

static const struct attr budget_rows[] = {
    { "nodes", &type_string, OPTIONAL, .doc = "Nodes." },
    { 0 },
};

static const struct attr disruption_rows[] = {
    { "after", &type_string, REQUIRED, .doc = "After." },
    { "budget", NULL, .nesting = BLOCK_LIST, .rows = budget_rows, .max_items = 50,
      .doc = "Budgets." },
    { 0 },
};

static const struct attr area_rows[] = {
    { "shares", &type_number_map, OPTIONAL, .doc = "Shares." },
    { "made", &type_bool, COMPUTED, .doc = "Made." },
    { 0 },
};

static const struct attr rows[] = {
    { "weight", &type_number, OPTIONAL, .doc = "Weight." },
    { "name", &type_string, REQUIRED | REPLACES, .doc = "Name." },
    { "advertised", &type_number_map_map, COMPUTED, .doc = "Shares." },
    { "token", &type_string, OPTIONAL | SENSITIVE | WRITE_ONLY, .deprecated = "Use `role`.",
      .doc = "Token." },
    { "subnets", &type_string_set, OPTIONAL | COMPUTED, .doc = "Subnets." },
    { "disruption", NULL, .nesting = BLOCK_SINGLE, .rows = disruption_rows, .min_items = 1,
      .max_items = 1, .doc = "Disruption." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = area_rows, .doc = "Areas." },
    { "step", NULL, .nesting = BLOCK_LIST, .rows = budget_rows, .min_items = 1, .doc = "Steps.",
      .deprecated = "Use `area`." },
    { "extra", NULL, .nesting = BLOCK_SINGLE, .rows = budget_rows, .doc = "Extra." },
    { 0 },
};

static const char *written(const struct page *page)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    page_write(&out, page);
    ck_assert(!buf_failed(&out));
    return buf_str(&out).at;
}

static const char whole[] =
    "---\n"
    "page_title: \"gpushare_thing Resource - gpushare\"\n"
    "subcategory: \"\"\n"
    "description: |-\n"
    "  A thing,\n"
    "  in two lines.\n"
    "---\n"
    "\n"
    "# gpushare_thing (Resource)\n"
    "\n"
    "A thing,\n"
    "in two lines.\n"
    "\n"
    "More of it.\n"
    "\n"
    "A note.\n"
    "\n"
    "## Example Usage\n"
    "\n"
    "```terraform\n"
    "resource \"gpushare_thing\" \"this\" {\n"
    "}\n"
    "```\n"
    "\n"
    "## Schema\n"
    "\n"
    "### Required\n"
    "\n"
    "- `disruption` (Block, Required) Disruption. (see [below for nested "
    "schema](#nestedblock--disruption))\n"
    "- `name` (String) Name. A change creates the object anew.\n"
    "- `step` (Block List, Min: 1, Deprecated) Steps. Use `area`. (see [below for nested "
    "schema](#nestedblock--step))\n"
    "\n"
    "### Optional\n"
    "\n"
    "- `area` (Block Map) Areas. (see [below for nested schema](#nestedblock--area))\n"
    "- `extra` (Block, Optional) Extra. (see [below for nested schema](#nestedblock--extra))\n"
    "- `subnets` (Set of String) Subnets.\n"
    "- `token` (String, Sensitive, Deprecated, Write-only) Token. Use `role`.\n"
    "- `weight` (Number) Weight.\n"
    "\n"
    "### Read-Only\n"
    "\n"
    "- `advertised` (Map of Map of Number) Shares.\n"
    "\n"
    "<a id=\"nestedblock--area\"></a>\n"
    "### Nested Schema for `area`\n"
    "\n"
    "Optional:\n"
    "\n"
    "- `shares` (Map of Number) Shares.\n"
    "\n"
    "Read-Only:\n"
    "\n"
    "- `made` (Boolean) Made.\n"
    "\n"
    "<a id=\"nestedblock--disruption\"></a>\n"
    "### Nested Schema for `disruption`\n"
    "\n"
    "Required:\n"
    "\n"
    "- `after` (String) After.\n"
    "\n"
    "Optional:\n"
    "\n"
    "- `budget` (Block List, Max: 50) Budgets. (see [below for nested "
    "schema](#nestedblock--disruption--budget))\n"
    "\n"
    "<a id=\"nestedblock--disruption--budget\"></a>\n"
    "### Nested Schema for `disruption.budget`\n"
    "\n"
    "Optional:\n"
    "\n"
    "- `nodes` (String) Nodes.\n"
    "\n"
    "<a id=\"nestedblock--extra\"></a>\n"
    "### Nested Schema for `extra`\n"
    "\n"
    "Optional:\n"
    "\n"
    "- `nodes` (String) Nodes.\n"
    "\n"
    "<a id=\"nestedblock--step\"></a>\n"
    "### Nested Schema for `step`\n"
    "\n"
    "Optional:\n"
    "\n"
    "- `nodes` (String) Nodes.\n"
    "\n"
    "## Import\n"
    "\n"
    "The id is `NAME`.\n"
    "\n"
    "```shell\n"
    "terraform import gpushare_thing.this gpu\n"
    "```\n"
    "\n"
    "## Permissions\n"
    "\n"
    "None.\n";

static struct page page_of_all_parts(void)
{
    return (struct page){
        .kind = PAGE_RESOURCE,
        .name = "gpushare_thing",
        .doc = "A thing,\nin two lines.\n\nMore of it.",
        .rows = rows,
        .example = STR("resource \"gpushare_thing\" \"this\" {\n}\n"),
        .import_form = STR("The id is `NAME`.\n"),
        .import_example = STR("terraform import gpushare_thing.this gpu"),
        .permissions = STR("\nNone.\n\n"),
        .notes = STR("A note."),
    };
}

START_TEST(a_page_has_all_parts)
{
    struct page page = page_of_all_parts();
    ck_assert_str_eq(written(&page), whole);
}
END_TEST

START_TEST(absent_parts_are_left_out)
{
    static const struct attr few[] = {
        { "name", &type_string, REQUIRED, .doc = "Name." },
        { 0 },
    };
    const struct page page = {
        .kind = PAGE_DATA_SOURCE, .name = "gpushare_few", .doc = "Few.", .rows = few
    };
    ck_assert_str_eq(written(&page), "---\n"
                                     "page_title: \"gpushare_few Data Source - gpushare\"\n"
                                     "subcategory: \"\"\n"
                                     "description: |-\n"
                                     "  Few.\n"
                                     "---\n"
                                     "\n"
                                     "# gpushare_few (Data Source)\n"
                                     "\n"
                                     "Few.\n"
                                     "\n"
                                     "## Schema\n"
                                     "\n"
                                     "### Required\n"
                                     "\n"
                                     "- `name` (String) Name.\n");
}
END_TEST

START_TEST(an_import_block_is_terraform)
{
    struct page page = page_of_all_parts();
    page.import_example = STR("import {\n  to = gpushare_thing.this\n}\n");
    ck_assert_ptr_nonnull(strstr(written(&page), "\n```terraform\nimport {\n"));
    page.import_example = (struct str){ 0 };
    ck_assert_ptr_null(strstr(written(&page), "```shell"));
    page.import_form = (struct str){ 0 };
    ck_assert_ptr_null(strstr(written(&page), "## Import"));
}
END_TEST

START_TEST(the_provider_s_page_has_its_own_titles)
{
    const struct page page = {
        .kind = PAGE_PROVIDER, .name = "gpushare", .doc = "Shares GPUs.", .rows = budget_rows
    };
    const char *text = written(&page);
    ck_assert(str_starts(str_of(text), "---\n"
                                       "page_title: \"gpushare Provider\"\n"
                                       "description: |-\n"
                                       "  Shares GPUs.\n"
                                       "---\n"
                                       "\n"
                                       "# gpushare Provider\n"));
    ck_assert_ptr_null(strstr(text, "subcategory"));
}
END_TEST

START_TEST(every_link_has_its_anchor)
{
    struct page page = page_of_all_parts();
    const char *text = written(&page);
    unsigned links = 0;
    for (const char *at = strstr(text, "(#"); at; at = strstr(at + 1, "(#")) {
        size_t len = strcspn(at + 2, ")");
        struct str anchor = str_print(&arena, "<a id=\"%.*s\"></a>", (int)len, at + 2);
        ck_assert_msg(strstr(text, anchor.at) != NULL, "no %s", anchor.at);
        links++;
    }
    ck_assert_uint_eq(links, 5);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_page_has_all_parts,         absent_parts_are_left_out,
        an_import_block_is_terraform, the_provider_s_page_has_its_own_titles,
        every_link_has_its_anchor,
    };
    return RUN_SUITE("page", tests);
}
