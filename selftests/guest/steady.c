// SPDX-License-Identifier: GPL-2.0-only
/*
 * steady ROUNDS FILE: work that goes on for ROUNDS, and ends with an error if
 * anything is not as it has to be, whatever happens to the VM meanwhile:
 *
 *   clocks	on each CPU, the counter and CLOCK_MONOTONIC never go back, also
 *		against what another CPU has seen, and agree with each other
 *   timer	one of 10 ms has expired as often as its time has passed
 *   pipes	what goes from CPU to CPU and back comes once, and in order: IPIs
 *   disk	blocks of FILE, read past the cache, are as at first: SPIs
 *   memory	16 MiB have the sum that they must have, and so have FP registers
 *
 * A round ends when each of them has done something.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BLOCK		4096
#define WORDS		(16ul << 20 >> 3)
#define PERIOD_NS	10000000l
#define EACH_ROUND	20
#define MAX_CPUS	8

typedef uint64_t u64;
typedef int64_t s64;

/* How much each has done; read by the main thread */
static u64 looks[MAX_CPUS], trips, blocks, ticks;
static u64 longest_ms;
static u64 latest;
static u64 first_counter, first_ns, slack_ns, frequency;
static long nr_cpus;

#define INC(x)		__atomic_fetch_add(&(x), 1, __ATOMIC_SEQ_CST)
#define READ(x)		__atomic_load_n(&(x), __ATOMIC_SEQ_CST)

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("steady: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

static void pin(long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity: %m");
}

static u64 counter(void)
{
	u64 val;

	asm volatile("isb; mrs %0, cntvct_el0; isb" : "=r" (val) : : "memory");
	return val;
}

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static u64 ns_of(u64 count)
{
	return (unsigned __int128)count * 1000000000u / frequency;
}

/* Values that stay in registers for as long as the compiler can keep them there */
static double wave(u64 seed)
{
	double a = seed, b = 1.0, c = 0.5, d = 0.25;
	int i;

	for (i = 0; i < 1000; i++) {
		a = a * 0.999 + b;
		b = b * 0.998 + c;
		c = c * 0.997 + d;
		d = d * 0.996 + a * 1e-6;
	}
	return a + b + c + d;
}

static void *clocks(void *arg)
{
	long cpu = (long)arg;
	u64 count, before, after, ns, last_ns = 0, seen;
	double was = wave(cpu);
	s64 apart;

	pin(cpu);
	for (;;) {
		seen = READ(latest);
		before = counter();
		ns = now_ns() - first_ns;
		after = counter();
		if (before < seen)
			die("CPU %ld: the counter is 0x%lx, and was 0x%lx",
			    cpu, (long)before, (long)seen);
		if (after < before)
			die("CPU %ld: the counter goes back", cpu);
		if (ns < last_ns)
			die("CPU %ld: the time is %ld ns, and was %ld", cpu,
			    (long)ns, (long)last_ns);
		/* The clock is read between the two. */
		apart = ns - ns_of(before - first_counter);
		if (apart < -(s64)slack_ns ||
		    apart > (s64)(ns_of(after - before) + slack_ns))
			die("CPU %ld: clock and counter are %ld us apart", cpu,
			    (long)apart / 1000);
		if (last_ns && (ns - last_ns) / 1000000 > READ(longest_ms))
			longest_ms = (ns - last_ns) / 1000000;
		last_ns = ns;
		/* The greatest that any CPU has read */
		count = READ(latest);
		while (count < before &&
		       !__atomic_compare_exchange_n(&latest, &count, before, 0,
						    __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST))
			;
		if (wave(cpu) != was)
			die("CPU %ld: a sum of floating point is another one", cpu);
		INC(looks[cpu]);
		usleep(500);
	}
	return NULL;
}

static void *timer(void *arg)
{
	struct itimerspec t = { { 0, PERIOD_NS }, { 0, PERIOD_NS } };
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	u64 start, started, before, end, n, all = 0;

	if (fd < 0)
		die("timerfd: %m");
	start = now_ns();
	if (timerfd_settime(fd, 0, &t, NULL))
		die("timerfd: %m");
	started = now_ns();
	for (;;) {
		before = now_ns();
		if (read(fd, &n, sizeof(n)) != sizeof(n))
			die("timerfd: %m");
		end = now_ns();
		all += n;
		/* All that were due before it was asked, none that is not yet */
		if (all > (end - start) / PERIOD_NS ||
		    all < (before - started) / PERIOD_NS)
			die("a timer has expired %ld times in %ld ms", (long)all,
			    (long)(end - start) / 1000000);
		__atomic_store_n(&ticks, all, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static int there[2], back[2];

static void *echo(void *arg)
{
	u64 n;

	pin(nr_cpus - 1);
	for (;;) {
		if (read(there[0], &n, sizeof(n)) != sizeof(n))
			die("pipe: %m");
		n = ~n;
		if (write(back[1], &n, sizeof(n)) != sizeof(n))
			die("pipe: %m");
	}
	return NULL;
}

static void *pipes(void *arg)
{
	u64 n, got;

	pin(0);
	for (n = 0;; n++) {
		if (write(there[1], &n, sizeof(n)) != sizeof(n) ||
		    read(back[0], &got, sizeof(got)) != sizeof(got))
			die("pipe: %m");
		if (got != ~n)
			die("0x%lx comes back for 0x%lx", (long)got, (long)n);
		INC(trips);
	}
	return NULL;
}

static u64 sum_of(const u64 *word, u64 nr)
{
	u64 sum = 0;

	while (nr--)
		sum = (sum ^ *word++) * 0x9e3779b97f4a7c15ull;
	return sum;
}

static void *disk(void *arg)
{
	int fd = open(arg, O_RDONLY | O_DIRECT);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	u64 *sums, *buf = aligned_alloc(BLOCK, BLOCK), i, nr = size / BLOCK, sum;

	if (size < BLOCK || !buf)
		die("%s: %m", (char *)arg);
	sums = calloc(nr, sizeof(*sums));
	for (i = 0;; i++) {
		memset(buf, 0, BLOCK);
		if (pread(fd, buf, BLOCK, i % nr * BLOCK) != BLOCK)
			die("%s: %m", (char *)arg);
		sum = sum_of(buf, BLOCK / sizeof(*buf));
		if (i >= nr && sums[i % nr] != sum)
			die("block %ld is another one", (long)(i % nr));
		sums[i % nr] = sum;
		INC(blocks);
	}
	return NULL;
}

static void start(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, arg))
		die("no thread");
}

/* The memory is changed each round, and nobody else does it. */
static void check_memory(u64 *memory, u64 round)
{
	u64 i;

	for (i = 0; i < WORDS; i++) {
		if (memory[i] != i * 0x9e3779b97f4a7c15ull + round)
			die("round %ld: word %ld of memory is 0x%lx", (long)round,
			    (long)i, (long)memory[i]);
		memory[i]++;
	}
}

static u64 slowest_look(void)
{
	u64 least = ~0ull;
	long cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		if (READ(looks[cpu]) < least)
			least = READ(looks[cpu]);
	return least;
}

int main(int argc, char **argv)
{
	u64 *memory = malloc(WORDS * sizeof(*memory));
	u64 rounds, round, i, was[4];

	if (argc != 3 || !memory)
		die("usage: steady ROUNDS FILE");
	rounds = strtoul(argv[1], NULL, 0);
	nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (nr_cpus > MAX_CPUS || pipe(there) || pipe(back))
		die("%ld CPUs: %m", nr_cpus);
	for (i = 0; i < WORDS; i++)
		memory[i] = i * 0x9e3779b97f4a7c15ull;
	asm volatile("mrs %0, cntfrq_el0" : "=r" (frequency));
	first_counter = counter();
	first_ns = now_ns();
	/* 1 ms for how a clock is computed */
	slack_ns = ns_of(counter() - first_counter) + 1000000;
	for (i = 0; i < nr_cpus; i++)
		start(clocks, (void *)i);
	start(timer, NULL);
	start(echo, NULL);
	start(pipes, NULL);
	start(disk, argv[2]);

	for (round = 0; round < rounds; round++) {
		was[0] = slowest_look();
		was[1] = READ(ticks);
		was[2] = READ(trips);
		was[3] = READ(blocks);
		check_memory(memory, round);
		while (slowest_look() < was[0] + EACH_ROUND ||
		       READ(ticks) < was[1] + EACH_ROUND ||
		       READ(trips) < was[2] + EACH_ROUND ||
		       READ(blocks) < was[3] + EACH_ROUND)
			usleep(1000);
		printf("round %ld: %ld ticks, %ld times from CPU to CPU and back, %ld blocks\n",
		       (long)round, (long)READ(ticks), (long)READ(trips),
		       (long)READ(blocks));
		fflush(stdout);
	}
	printf("steady: %ld s by clock and counter, the longest gap %ld ms; %ld ticks, %ld times there and back, %ld blocks: all right\n",
	       (long)(now_ns() - first_ns) / 1000000000, (long)READ(longest_ms),
	       (long)READ(ticks), (long)READ(trips), (long)READ(blocks));
	fflush(stdout);
	_exit(0);
}
