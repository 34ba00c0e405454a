/* Lists of problems and their way into diagnostics. */
#include "gpu/problem.h"

struct problems problems_make(struct arena *arena)
{
    return (struct problems){ .arena = arena };
}

static struct problem *append(struct problems *problems, enum problem_severity severity,
                              struct str path, struct str sentence)
{
    struct problem *problem = ARENA_NEW(problems->arena, struct problem);
    problem->severity = severity;
    problem->path = str_copy(problems->arena, path);
    problem->sentence = sentence;
    if (problems->last != NULL) {
        problems->last->next = problem;
    } else {
        problems->first = problem;
    }
    problems->last = problem;
    problems->count++;
    return problem;
}

struct problem *problem_add(struct problems *problems, enum problem_severity severity,
                            struct str path, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = str_vprint(problems->arena, format, arguments);
    va_end(arguments);
    return append(problems, severity, path, sentence);
}

void problem_add_field(struct problems *problems, enum problem_severity severity, const char *field,
                       struct str key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = str_vprint(problems->arena, format, arguments);
    va_end(arguments);
    struct problem *problem = append(problems, severity, STR(""), sentence);
    problem->field = str_of(field);
    if (key.at != NULL) {
        problem->key = str_copy(problems->arena, key);
    }
}

size_t problems_count(const struct problems *problems, enum problem_severity severity)
{
    size_t count = 0;
    for (const struct problem *problem = problems->first; problem != NULL;
         problem = problem->next) {
        count += problem->severity == severity;
    }
    return count;
}

const char *problem_severity_name(enum problem_severity severity)
{
    switch (severity) {
    case PROBLEM_FATAL:
        return "fatal";
    case PROBLEM_IGNORED:
        return "ignored";
    case PROBLEM_SUSPICIOUS:
        break;
    }
    return "suspicious";
}

static void report(struct call *call, const struct path *at, const char *summary,
                   const struct problem *problem)
{
    struct path block = { at, PATH_ATTRIBUTE, problem->block, 0 };
    struct path index = { &block, PATH_INDEX, { 0 }, problem->index };
    at = problem->block.at == NULL ? at : &index;
    struct path field = { at, PATH_ATTRIBUTE, problem->field, 0 };
    at = problem->field.at == NULL ? at : &field;
    struct path key = { at, PATH_KEY, problem->key, 0 };
    at = problem->key.at == NULL ? at : &key;
    struct str sentence = problem->sentence;
    if (problem->path.len > 0 && problem->field.at == NULL)
        sentence = str_print(call->arena, "%.*s: %.*s", STR_ARG(problem->path),
                             STR_ARG(problem->sentence));
    if (problem->severity == PROBLEM_SUSPICIOUS)
        warn(call, at, summary, "%.*s", STR_ARG(sentence));
    else
        fail(call, at, summary, "%.*s", STR_ARG(sentence));
}

bool problems_report(struct call *call, const struct path *at, const char *summary,
                     const struct problems *problems)
{
    bool good = true;
    for (const struct problem *problem = problems->first; problem != NULL;
         problem = problem->next) {
        report(call, at, summary, problem);
        good = good && problem->severity == PROBLEM_SUSPICIOUS;
    }
    return good;
}
