// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio console (5.3), its input from stdin. A line of the guest that begins
 * with '@' is a word to the VMM, see stats.c: the guest goes on only when it has
 * been dealt with.
 */
#include <string.h>
#include <unistd.h>
#include <linux/virtio_ids.h>

#include "vmm.h"

#define QUEUE_RX		0
#define QUEUE_TX		1

static struct output output;
static char command[256];
static size_t command_len;
static bool inside;			/* a line */

static void take(char c)
{
	if (!inside && c == '@') {
		command_len = 1;
	} else if (!command_len) {
		output_char(&output, c);
	} else if (c == '\n') {
		command[command_len - 1] = 0;
		command_len = 0;
		stats_command(command);
	} else if (c != '\r' && command_len < sizeof(command)) {
		command[command_len++ - 1] = c;
	}
	inside = c != '\n';
}

static u32 console_process(struct virtio *v, unsigned int queue,
			   struct request *req)
{
	unsigned int i;
	u32 j;

	for (i = 0; i < req->nr_out; i++)
		for (j = 0; j < req->out[i].len; j++)
			take(((char *)req->out[i].addr)[j]);
	return 0;
}

/* A line that has begun has its end in the next VM. */
static void console_state(void)
{
	output_state(&output);
	image_state(command, sizeof(command));
	image_state(&command_len, sizeof(command_len));
	image_check(command_len <= sizeof(command));
	image_state(&inside, sizeof(inside));
}

static struct virtio console = {
	.name = "virtio-console",
	.device_id = VIRTIO_ID_CONSOLE,
	.nr_queues = 2,
	.fills = 1 << QUEUE_RX,
	.process = console_process,
	.state = console_state,
};

/* False if the guest has no buffer for it yet */
static bool put(const char *text, size_t size)
{
	static struct request req;
	u32 done = 0, n;
	unsigned int i;
	bool ret;

	pthread_mutex_lock(&console.lock);
	ret = virtio_next(&console, QUEUE_RX, &req);
	if (ret) {
		for (i = 0; i < req.nr_in && done < size; i++) {
			n = size - done;
			if (n > req.in[i].len)
				n = req.in[i].len;
			memcpy(req.in[i].addr, text + done, n);
			done += n;
		}
		virtio_done(&console, QUEUE_RX, req.head, done);
		virtio_interrupt(&console);
	}
	pthread_mutex_unlock(&console.lock);
	return ret;
}

static void *input_thread(void *arg)
{
	char text[64];
	ssize_t n;

	while ((n = read(STDIN_FILENO, text, sizeof(text))) > 0)
		while (!put(text, n))
			usleep(10000);
	return NULL;
}

void console_create(void)
{
	pthread_t thread;

	virtio_create(&console);
	if (pthread_create(&thread, NULL, input_thread, NULL))
		die("no thread for the console's input");
}

void console_flush(void)
{
	pthread_mutex_lock(&console.lock);
	output_flush(&output);
	pthread_mutex_unlock(&console.lock);
}
