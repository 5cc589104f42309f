/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of control that a test switches between, for programs that define
 * THREADS and STACK, the bytes of each one's stack.
 */
#ifndef VGICV5_TEST_THREADS_H
#define VGICV5_TEST_THREADS_H

#include <ucontext.h>

static ucontext_t context[THREADS], main_context;
static char stack[THREADS][STACK];
static int current;

static void go_to(int next)
{
	int was = current;

	if (next == was)
		return;
	current = next;
	swapcontext(&context[was], &context[next]);
}

/* All stop where they are, and run_threads() returns */
static void stop_threads(void)
{
	swapcontext(&context[current], &main_context);
}

static void start_thread(int thread, void (*body)(void))
{
	getcontext(&context[thread]);
	context[thread].uc_stack.ss_sp = stack[thread];
	context[thread].uc_stack.ss_size = STACK;
	context[thread].uc_link = NULL;
	makecontext(&context[thread], body, 0);
}

/* All begin anew, FIRST before the others */
static void run_threads(void (* const *bodies)(void), int first)
{
	int i;

	for (i = 0; i < THREADS; i++)
		start_thread(i, bodies[i]);
	current = first;
	swapcontext(&main_context, &context[first]);
}

#endif
