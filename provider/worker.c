/* A pool of threads over one list of tasks. */
#include "provider/worker.h"

#include <time.h>

void worker_pool_init(struct worker_pool *pool)
{
    pthread_condattr_t monotonic;
    *pool = (struct worker_pool){ 0 };
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

/* The next task, or NULL when the pool closes; called with the mutex held. */
static struct worker_task *take(struct worker_pool *pool)
{
    while (!pool->first && !pool->closing) {
        pool->idle++;
        pthread_cond_wait(&pool->work, &pool->mutex);
        pool->idle--;
    }
    struct worker_task *task = pool->first;
    if (task) {
        pool->first = task->next;
        pool->waiting--;
    }
    return task;
}

static void *work(void *argument)
{
    struct worker_pool *pool = argument;
    struct worker_task *task;
    pthread_mutex_lock(&pool->mutex);
    while ((task = take(pool))) {
        pthread_mutex_unlock(&pool->mutex);
        task->run(task);
        pthread_mutex_lock(&pool->mutex);
    }
    if (--pool->active == 0)
        pthread_cond_signal(&pool->quiet);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static void start_thread(struct worker_pool *pool)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, GRPC_WORKER_STACK_BYTES);
    if (pthread_create(&pool->threads[pool->started], &attributes, work, pool) == 0) {
        pool->started++;
        pool->active++;
    }
    pthread_attr_destroy(&attributes);
}

bool worker_pool_run(struct worker_pool *pool, struct worker_task *task)
{
    pthread_mutex_lock(&pool->mutex);
    if (pool->waiting >= pool->idle && pool->started < GRPC_WORKER_LIMIT)
        start_thread(pool);
    bool accepted = pool->started > 0 && !pool->closing;
    if (accepted) {
        task->next = NULL;
        if (pool->first)
            pool->last->next = task;
        else
            pool->first = task;
        pool->last = task;
        pool->waiting++;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->mutex);
    return accepted;
}

static bool wait_until_quiet(struct worker_pool *pool, int64_t wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int failure = 0;
    while (pool->active && !failure)
        failure = pthread_cond_timedwait(&pool->quiet, &pool->mutex, &until);
    return pool->active == 0;
}

bool worker_pool_close(struct worker_pool *pool, int64_t wait_ms)
{
    pthread_mutex_lock(&pool->mutex);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    bool quiet = wait_until_quiet(pool, wait_ms);
    pthread_mutex_unlock(&pool->mutex);
    if (!quiet)
        return false;
    for (size_t i = 0; i < pool->started; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->quiet);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->mutex);
    return true;
}
