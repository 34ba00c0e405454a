/* A pool of threads for calls that block: started when needed, kept and used again. */
#pragma once

#include <pthread.h>

#include "base/attributes.h"
#include "provider/grpc.h"

/* Embedded in whatever is to be run; belongs to the pool until RUN is called. */
struct worker_task {
    struct worker_task *next;
    void (*run)(struct worker_task *task);
};

struct worker_pool {
    pthread_mutex_t mutex;
    pthread_cond_t work;  /* a task waits, or the pool closes */
    pthread_cond_t quiet; /* the last thread is about to end */
    struct worker_task *first, *last;
    size_t waiting; /* tasks in the list */
    size_t idle;    /* threads without a task */
    size_t active;  /* threads that have not ended */
    size_t started;
    bool closing;
    pthread_t threads[GRPC_WORKER_LIMIT];
};

void worker_pool_init(struct worker_pool *pool);

/* Queues TASK for one of at most GRPC_WORKER_LIMIT threads.  False where there is no thread and
 * none can be started; TASK is not run then. */
MUST_CHECK bool worker_pool_run(struct worker_pool *pool, struct worker_task *task);

/* Lets the threads run what is queued and end.  False where some have not ended after WAIT_MS: the
 * pool and whatever its tasks use must then stay in memory until the process is gone. */
MUST_CHECK bool worker_pool_close(struct worker_pool *pool, int64_t wait_ms);
