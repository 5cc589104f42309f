/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KTAP output. Each test runs in a process of its own: whatever it does to its
 * VMs, its threads or itself, the next one starts clean.
 *
 *	static void my_test(long arg) { check(1 + 1 == 2, "maths"); }
 *	KTAP_MAIN(need_vgic, T(my_test), TA("my_test_five", my_test, 5))
 */
#ifndef SELFTEST_KTAP_H
#define SELFTEST_KTAP_H

#include <stdbool.h>

#define KSFT_PASS	0
#define KSFT_FAIL	1
#define KSFT_SKIP	4

struct ktap_test {
	const char *name;
	void (*fn)(long arg);
	long arg;
};

#define T(fn)			{ #fn, fn, 0 }
#define TA(name, fn, arg)	{ name, fn, arg }

/* Why this program cannot run on this machine, or NULL if it can. */
typedef const char *(*ktap_need_t)(void);

int ktap_main(int argc, char **argv, ktap_need_t need,
	      const struct ktap_test *tests, int nr);

#define KTAP_MAIN(need, ...)						\
int main(int argc, char **argv)						\
{									\
	static const struct ktap_test tests[] = { __VA_ARGS__ };	\
									\
	return ktap_main(argc, argv, need, tests,			\
			 sizeof(tests) / sizeof(tests[0]));		\
}

/*
 * How many times longer than on a usual machine things may take: $KTAP_SLOW, 1
 * without it. A kernel that checks itself in an emulator is slow.
 */
int ktap_slow(void);

/* A line of explanation below the test it belongs to. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The test ends here: skipped, not for a host like this (one CPU, no nested
 * virtualization: nothing is missing that ought to be there), or failed.
 */
void skip(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void not_here(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void fail(const char *file, int line, bool stop, const char *what,
	  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void fail_eq(const char *file, int line, bool stop, const char *what,
	     long got, long want);

/* check*() records a failure and goes on, require*() ends the test. */
#define __check(stop, cond, ...) ({					\
	bool __ok = (cond);						\
	if (!__ok)							\
		fail(__FILE__, __LINE__, stop, #cond, __VA_ARGS__);	\
	__ok; })
#define __check_eq(stop, expr, value) ({				\
	long __got = (long)(expr), __want = (long)(value);		\
	if (__got != __want)						\
		fail_eq(__FILE__, __LINE__, stop, #expr, __got, __want);\
	__got == __want; })

#define check(cond, ...)	__check(false, cond, __VA_ARGS__)
#define require(cond, ...)	__check(true, cond, __VA_ARGS__)
/* For numbers and for calls that return 0 or -errno. */
#define check_eq(expr, value)	__check_eq(false, expr, value)
#define require_eq(expr, value)	__check_eq(true, expr, value)

#endif
