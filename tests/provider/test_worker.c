/* The pool: threads as needed, at most its limit, all tasks run, a bounded wait at the end. */
#include "provider/worker.h"

#include <check.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

struct job {
    struct worker_task task;
    sem_t *started, *gate;
    atomic_int *done;
};

static struct worker_pool pool;
static sem_t started, gate;
static atomic_int done;

static void setup(void)
{
    worker_pool_init(&pool);
    sem_init(&started, 0, 0);
    sem_init(&gate, 0, 0);
    atomic_store(&done, 0);
}

static void run_job(struct worker_task *task)
{
    struct job *job = (struct job *)task;
    sem_post(job->started);
    sem_wait(job->gate);
    atomic_fetch_add(job->done, 1);
}

static void start(struct job *job)
{
    *job = (struct job){ { .run = run_job }, &started, &gate, &done };
    ck_assert(worker_pool_run(&pool, &job->task));
}

START_TEST(tasks_run_at_the_same_time)
{
    struct job jobs[20];
    for (int i = 0; i < 20; i++)
        start(&jobs[i]);
    for (int i = 0; i < 20; i++)
        sem_wait(&started);
    ck_assert_uint_eq(pool.started, 20);
    ck_assert_int_eq(atomic_load(&done), 0);
    for (int i = 0; i < 20; i++)
        sem_post(&gate);
    ck_assert(worker_pool_close(&pool, 10000));
    ck_assert_int_eq(atomic_load(&done), 20);
}
END_TEST

START_TEST(idle_thread_is_used_again)
{
    struct job jobs[5];
    for (int i = 0; i < 5; i++) {
        start(&jobs[i]);
        sem_wait(&started);
        sem_post(&gate);
        /* Until the thread waits for work again. */
        for (size_t idle = 0; idle == 0;) {
            pthread_mutex_lock(&pool.mutex);
            idle = pool.idle;
            pthread_mutex_unlock(&pool.mutex);
        }
    }
    ck_assert_uint_eq(pool.started, 1);
    ck_assert(worker_pool_close(&pool, 10000));
    ck_assert_int_eq(atomic_load(&done), 5);
}
END_TEST

START_TEST(more_tasks_than_threads_wait)
{
    enum { COUNT = GRPC_WORKER_LIMIT + 50 };
    static struct job jobs[COUNT];
    for (int i = 0; i < COUNT; i++)
        start(&jobs[i]);
    for (int i = 0; i < GRPC_WORKER_LIMIT; i++)
        sem_wait(&started);
    ck_assert_uint_eq(pool.started, GRPC_WORKER_LIMIT);
    ck_assert_int_ne(sem_trywait(&started), 0);
    for (int i = 0; i < COUNT; i++)
        sem_post(&gate);
    ck_assert(worker_pool_close(&pool, 20000));
    ck_assert_int_eq(atomic_load(&done), COUNT);
}
END_TEST

START_TEST(close_without_tasks)
{
    ck_assert(worker_pool_close(&pool, 0));
}
END_TEST

START_TEST(close_does_not_wait_for_ever)
{
    struct job job;
    start(&job);
    sem_wait(&started);
    ck_assert(!worker_pool_close(&pool, 30));
    ck_assert(!worker_pool_run(&pool, &job.task));
    sem_post(&gate);
    ck_assert(worker_pool_close(&pool, 10000));
    ck_assert_int_eq(atomic_load(&done), 1);
}
END_TEST

#ifndef __SANITIZE_THREAD__
static void fill_stack(struct worker_task *task)
{
    volatile char bytes[GRPC_WORKER_STACK_BYTES / 4];
    for (size_t i = 0; i < sizeof bytes; i += 512)
        bytes[i] = 1;
    atomic_fetch_add(((struct job *)task)->done, bytes[0]);
}

START_TEST(stack_is_as_large_as_promised)
{
    struct job job = { { .run = fill_stack }, NULL, NULL, &done };
    ck_assert(worker_pool_run(&pool, &job.task));
    ck_assert(worker_pool_close(&pool, 10000));
    ck_assert_int_eq(atomic_load(&done), 1);
}
END_TEST
#endif

int main(void)
{
    TCase *tests = tcase_create("worker");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, tasks_run_at_the_same_time);
    tcase_add_test(tests, idle_thread_is_used_again);
    tcase_add_test(tests, more_tasks_than_threads_wait);
    tcase_add_test(tests, close_without_tasks);
    tcase_add_test(tests, close_does_not_wait_for_ever);
#ifndef __SANITIZE_THREAD__ /* whose own state fills most of so small a stack */
    tcase_add_test(tests, stack_is_as_large_as_promised);
#endif
    Suite *suite = suite_create("worker");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
