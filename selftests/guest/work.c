// SPDX-License-Identifier: GPL-2.0-only
/*
 * work COMMAND...: what the guest does to have interrupts.
 *
 *   spin CPU MS		use a CPU for a time: its ticks
 *   membarrier CPU N		N IPIs to a CPU that runs, and an answer to each
 *   pipes CPU CPU N		wake each other, N times: IPIs to CPUs that wait
 *   sleep N US			N timers, with nothing else to do
 *   read FILE N [CPU]		N reads of 4 KiB that no cache answers
 *   counts			interrupts so far: PPIs, LPIs and SPIs
 *   row KIND TEXT COMMAND...	do it, and tell the VMM, by the console, how many
 *				interrupts of that kind it took
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK			4096

static void die(const char *what)
{
	fprintf(stderr, "work: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* On any CPU if it is negative */
static void spin(int cpu, long ms)
{
	struct timespec start, now;

	if (cpu >= 0)
		pin(cpu);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 +
		 (now.tv_nsec - start.tv_nsec) / 1000000 < ms);
}

static unsigned long spins;

static void *spinner(void *arg)
{
	pin((long)arg);
	for (;;)
		__atomic_fetch_add(&spins, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void seen_to_spin(void)
{
	unsigned long was = __atomic_load_n(&spins, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&spins, __ATOMIC_SEQ_CST) == was)
		;
}

/*
 * A call interrupts the CPUs on which a thread of this process runs at that
 * moment, and no others: on a CPU that has something else to do, in this guest or
 * in its host, hundreds of calls would find none.
 */
static void membarrier(long cpu, long n)
{
	pthread_t thread;

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0))
		die("membarrier");
	if (pthread_create(&thread, NULL, spinner, (void *)cpu))
		die("a thread");
	pin(cpu ? 0 : 1);
	while (n--) {
		seen_to_spin();
		if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0))
			die("membarrier");
	}
	_exit(0);
}

/* What goes round must come back, in its order. */
static void pipes(int cpu1, int cpu2, int n)
{
	int there[2], back[2], i, got, status;
	pid_t child;

	if (pipe(there) || pipe(back))
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		pin(cpu2);
		for (i = 0; i < n; i++) {
			if (read(there[0], &got, sizeof(got)) != sizeof(got))
				die("read from a pipe");
			got++;
			if (write(back[1], &got, sizeof(got)) != sizeof(got))
				die("write to a pipe");
		}
		exit(0);
	}
	pin(cpu1);
	for (i = 0; i < n; i++) {
		if (write(there[1], &i, sizeof(i)) != sizeof(i))
			die("write to a pipe");
		if (read(back[0], &got, sizeof(got)) != sizeof(got) ||
		    got != i + 1)
			die("read from a pipe");
	}
	if (waitpid(child, &status, 0) != child || status)
		die("the other end");
}

static void naps(int n, long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	while (n--)
		nanosleep(&t, NULL);
}

static void reads(const char *file, int n, int cpu)
{
	int fd = open(file, O_RDONLY | O_DIRECT);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	void *buf = aligned_alloc(65536, 65536);
	int i;

	if (size < BLOCK || !buf)
		die(file);
	if (cpu >= 0)
		pin(cpu);
	for (i = 0; i < n; i++)
		if (pread(fd, buf, BLOCK, (off_t)i * BLOCK % (size & -BLOCK)) !=
		    BLOCK)
			die(file);
}

enum { PPI, LPI, SPI, NR_KINDS };

static const char * const kinds[NR_KINDS] = { "PPIs", "LPIs", "SPIs" };

/*
 * A line of /proc/interrupts: what kind is it of? IPIs are LPIs; a GICv3 has the
 * numbers of its PPIs below 32, and SGIs for IPIs.
 */
static int kind_of(const char *label, const char *rest)
{
	const char *gicv3 = strstr(rest, "GICv3 ");

	if (!strncmp(label, "IPI", 3) || strstr(rest, "GICv5-LPI"))
		return LPI;
	if (strstr(rest, "GICv5-PPI") || (gicv3 && atoi(gicv3 + 6) < 32))
		return PPI;
	if (strstr(rest, "GICv5-SPI") || gicv3)
		return SPI;
	return -1;
}

static void count(unsigned long *counts)
{
	FILE *f = fopen("/proc/interrupts", "r");
	unsigned long sum;
	char line[4096];
	char *p, *end;
	int kind;

	memset(counts, 0, NR_KINDS * sizeof(*counts));
	if (!f || !fgets(line, sizeof(line), f))
		die("/proc/interrupts");
	while (fgets(line, sizeof(line), f)) {
		p = strchr(line, ':');
		if (!p)
			continue;
		sum = 0;
		for (p++;; p = end) {
			unsigned long n = strtoul(p, &end, 10);

			/* The columns of CPUs end where a word begins. */
			if (end == p || !isspace(*end))
				break;
			sum += n;
		}
		kind = kind_of(line + strspn(line, " "), p);
		if (kind >= 0)
			counts[kind] += sum;
	}
	fclose(f);
}

static void tell(const char *fmt, ...)
{
	static int fd = -1;
	va_list args;
	char line[128];
	int n;

	if (fd < 0)
		fd = open("/dev/hvc0", O_WRONLY | O_NOCTTY);
	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (fd < 0 || write(fd, line, n) != n)
		die("/dev/hvc0");
}

static int command(int argc, char **argv);

static int measure(const char *kind, const char *text, int argc, char **argv)
{
	unsigned long before[NR_KINDS], after[NR_KINDS];
	int i, status = 0;
	pid_t child;

	count(before);
	tell("@begin\n");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child)
		exit(command(argc, argv));
	if (waitpid(child, &status, 0) != child || status)
		return 1;
	tell("@stop\n");
	count(after);
	for (i = 0; i < NR_KINDS; i++)
		if (!strcmp(kind, kinds[i]))
			tell("@row %lu %s\n", after[i] - before[i], text);
	return 0;
}

static void show_counts(void)
{
	unsigned long counts[NR_KINDS];
	int i;

	count(counts);
	for (i = 0; i < NR_KINDS; i++) {
		printf("%s%lu %s", i ? ", " : "", counts[i], kinds[i]);
		tell("@count %s %lu\n", kinds[i], counts[i]);
	}
	printf("\n");
}

static long arg(int argc, char **argv, int i)
{
	return i < argc ? atol(argv[i]) : 0;
}

static int command(int argc, char **argv)
{
	const char *what = argc > 0 ? argv[0] : "";

	if (!strcmp(what, "spin"))
		spin(arg(argc, argv, 1), arg(argc, argv, 2));
	else if (!strcmp(what, "membarrier"))
		membarrier(arg(argc, argv, 1), arg(argc, argv, 2));
	else if (!strcmp(what, "pipes"))
		pipes(arg(argc, argv, 1), arg(argc, argv, 2), arg(argc, argv, 3));
	else if (!strcmp(what, "sleep"))
		naps(arg(argc, argv, 1), arg(argc, argv, 2));
	else if (!strcmp(what, "read") && argc >= 3)
		reads(argv[1], arg(argc, argv, 2), argc > 3 ? atoi(argv[3]) : -1);
	else if (!strcmp(what, "counts"))
		show_counts();
	else if (!strcmp(what, "row") && argc > 3)
		return measure(argv[1], argv[2], argc - 3, argv + 3);
	else
		return 2;
	return 0;
}

int main(int argc, char **argv)
{
	return command(argc - 1, argv + 1);
}
