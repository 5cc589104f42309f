// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

/* Generous: the machine may be an emulated one on a busy build server. */
#define TEST_SECONDS	180

/* More lines than this about one test help nobody. */
#define MAX_LINES	12

static volatile int failures;

int ktap_slow(void)
{
	static int slow;
	const char *s;

	if (!slow) {
		s = getenv("KTAP_SLOW");
		slow = s && atoi(s) > 0 ? atoi(s) : 1;
	}
	return slow;
}

static void vnote(const char *fmt, va_list ap)
{
	char line[512];

	/* One write, so that lines of several threads do not mix. */
	vsnprintf(line, sizeof(line), fmt, ap);
	printf("# %s\n", line);
	fflush(stdout);
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vnote(fmt, ap);
	va_end(ap);
}

void skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vnote(fmt, ap);
	va_end(ap);
	_exit(failures ? KSFT_FAIL : KSFT_SKIP);
}

/* Between a test's process and its parent only */
#define NOT_HERE	5

void not_here(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vnote(fmt, ap);
	va_end(ap);
	_exit(failures ? KSFT_FAIL : NOT_HERE);
}

/* True if this failure is to be shown. */
static bool failed(void)
{
	int n = __sync_fetch_and_add(&failures, 1);

	if (n == MAX_LINES)
		note("... and more");
	return n < MAX_LINES;
}

static void stop_if(bool stop)
{
	if (stop)
		_exit(KSFT_FAIL);
}

void fail(const char *file, int line, bool stop, const char *what,
	  const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (failed())
		note("%s:%d: not true: %s: %s", file, line, what, text);
	stop_if(stop);
}

void fail_eq(const char *file, int line, bool stop, const char *what,
	     long got, long want)
{
	const char *g = got < 0 && got > -200 ? strerrorname_np(-got) : NULL;
	const char *w = want < 0 && want > -200 ? strerrorname_np(-want) : NULL;

	if (!failed())
		;
	else if (g || w)
		note("%s:%d: %s is %s%s, should be %s%s", file, line, what,
		     g ? "-" : "", g ? g : got ? "not an error" : "0",
		     w ? "-" : "", w ? w : want ? "not an error" : "0");
	else
		note("%s:%d: %s is %ld (0x%lx), should be %ld (0x%lx)",
		     file, line, what, got, got, want, want);
	stop_if(stop);
}

static int run_one(const struct ktap_test *t)
{
	int status, ms;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		note("fork: %s", strerror(errno));
		return KSFT_FAIL;
	}
	if (!pid) {
		t->fn(t->arg);
		_exit(failures ? KSFT_FAIL : KSFT_PASS);
	}

	for (ms = 0; waitpid(pid, &status, WNOHANG) == 0; ms += 5) {
		if (ms >= TEST_SECONDS * 1000 * ktap_slow()) {
			note("no end after %d seconds, killed",
			     TEST_SECONDS * ktap_slow());
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return KSFT_FAIL;
		}
		usleep(5000);
	}

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	note("killed by signal %d", WTERMSIG(status));
	return KSFT_FAIL;
}

static bool selected(int argc, char **argv, const char *name)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

int ktap_main(int argc, char **argv, ktap_need_t need,
	      const struct ktap_test *tests, int nr)
{
	int i, n = 0, passed = 0, bad = 0, skipped = 0;
	const char *why;

	if (argc == 2 && !strcmp(argv[1], "-l")) {
		for (i = 0; i < nr; i++)
			puts(tests[i].name);
		return KSFT_PASS;
	}
	for (i = 0; i < nr; i++)
		n += selected(argc, argv, tests[i].name);
	if (!n) {
		fprintf(stderr, "usage: %s [-l | test...]\n", argv[0]);
		return KSFT_FAIL;
	}

	puts("KTAP version 1");
	why = need ? need() : NULL;
	if (why) {
		printf("1..0 # SKIP %s\n", why);
		return KSFT_SKIP;
	}

	printf("1..%d\n", n);
	for (i = n = 0; i < nr; i++) {
		const struct ktap_test *t = &tests[i];

		if (!selected(argc, argv, t->name))
			continue;
		n++;
		switch (run_one(t)) {
		case KSFT_PASS:
			passed++;
			printf("ok %d %s\n", n, t->name);
			break;
		case KSFT_SKIP:
			skipped++;
			printf("ok %d %s # SKIP\n", n, t->name);
			break;
		case NOT_HERE:
			skipped++;
			printf("ok %d %s # SKIP not for this host\n", n,
			       t->name);
			break;
		default:
			bad++;
			printf("not ok %d %s\n", n, t->name);
		}
	}
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n",
	       passed, bad, skipped);

	if (bad)
		return KSFT_FAIL;
	return passed ? KSFT_PASS : KSFT_SKIP;
}
