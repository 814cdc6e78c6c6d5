/* SPDX-License-Identifier: MIT */
/* The push engine as readers see it: batches to fill, memory, hand-over. */

#include <time.h>

#include "push/push-internal.h"
#include "push/push.h"

static int cancelled(struct error *err)
{
	return error_set(err, ERR_CANCELLED, "push: stopped");
}

struct batch *push_batch(struct push *p, struct lane *lane, struct error *err)
{
	struct batch *b;
	int stopping;

	pthread_mutex_lock(&p->lock);
	stopping = p->stopping || lane->stopped;
	b = p->pool;
	if (b != NULL && !stopping)
		p->pool = b->next;
	pthread_mutex_unlock(&p->lock);
	if (stopping) {
		(void)cancelled(err);
		return NULL;
	}
	if (b == NULL && (b = batch_create()) == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	if (batch_open(b, lane->target, err) < 0) {
		batch_destroy(b);
		return NULL;
	}
	b->lane = lane;
	return b;
}

/* With the lock held. */
static int has_room(const struct push *p, size_t bytes)
{
	return p->held_batches == 0 || p->held_bytes + bytes <= p->settings.memory;
}

/* With the lock held: to the queue, or straight to the end when there is nothing to send. */
static void take_batch(struct push *p, struct batch *b, size_t bytes)
{
	struct lane *lane = b->lane;

	b->seq = lane->next_seq++;
	b->held = bytes;
	p->held_bytes += bytes;
	p->held_batches++;
	lane->pending++;
	if (b->n_rows > 0) {
		fifo_add(&lane->queue, b);
		return;
	}
	b->outcome = BATCH_DELIVERED;
	fifo_add(&p->finished, b);
	pthread_cond_signal(&p->ended);
}

/* With the lock held. */
static int compresses(const struct push *p)
{
	return p->settings.compression == PUSH_GZIP ||
	       (p->settings.compression == PUSH_GZIP_AUTO && p->learned.gzip != 0);
}

/* By the reader, so that tables are compressed side by side and beside the sending. */
static int pack(struct push *p, struct batch *b, struct error *err)
{
	struct lane *lane = b->lane;
	int wanted;

	pthread_mutex_lock(&p->lock);
	wanted = compresses(p);
	pthread_mutex_unlock(&p->lock);
	if (!wanted || b->n_rows == 0)
		return 0;
	if (lane->gzip == NULL)
		lane->gzip = gzip_create(p->settings.compression_level);
	if (lane->gzip == NULL || gzip_pack(lane->gzip, b->body.data, b->body.len, &b->packed) < 0)
		return error_nomem(err);
	return 0;
}

int push_close(struct push *p, struct batch *b, struct error *err)
{
	return batch_close(b, err) < 0 || pack(p, b, err) < 0 ? -1 : 0;
}

/* With the lock held. */
static void wait_for_room(struct push *p, const struct lane *lane, size_t bytes, int64_t wait_ms)
{
	struct timespec until = push_time_in(wait_ms);

	while (!p->stopping && !lane->stopped && !has_room(p, bytes)) {
		if (wait_ms < 0)
			pthread_cond_wait(&p->room, &p->lock);
		else if (pthread_cond_timedwait(&p->room, &p->lock, &until) != 0)
			break;
	}
}

int push_submit(struct push *p, struct batch *b, int64_t wait_ms, struct error *err)
{
	size_t bytes = batch_memory(b);
	int stopping, room;

	pthread_mutex_lock(&p->lock);
	wait_for_room(p, b->lane, bytes, wait_ms);
	stopping = p->stopping || b->lane->stopped;
	room = has_room(p, bytes);
	if (!stopping && room)
		take_batch(p, b, bytes);
	pthread_mutex_unlock(&p->lock);
	if (stopping) {
		push_discard(p, b);
		return cancelled(err);
	}
	if (!room)
		return PUSH_NO_ROOM;
	http_wakeup(p->http);
	return 0;
}

void push_discard(struct push *p, struct batch *b)
{
	pthread_mutex_lock(&p->lock);
	b->next = p->pool;
	p->pool = b;
	pthread_mutex_unlock(&p->lock);
}

void push_lane_end(struct push *p, struct lane *lane)
{
	(void)lane;
	pthread_mutex_lock(&p->lock);
	p->wake = 1;
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
}
