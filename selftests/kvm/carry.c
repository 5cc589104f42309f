// SPDX-License-Identifier: GPL-2.0-only
/*
 * carry out FILE THERE, carry in THERE FILE: copy a file out of the machine, or
 * into it. THERE is a path on the computer that runs QEMU, which has to be told
 * that this is allowed: -semihosting-config enable=on,userspace=on. The calls are
 * those of Arm's "Semihosting for AArch32 and AArch64".
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYS_OPEN	0x01
#define SYS_CLOSE	0x02
#define SYS_WRITE	0x05
#define SYS_READ	0x06
#define SYS_FLEN	0x0c

#define MODE_RB		1
#define MODE_WB		5

static char buf[1 << 20];

static long call(long what, const uint64_t *args)
{
	register long x0 asm("x0") = what;
	register const uint64_t *x1 asm("x1") = args;

	asm volatile("hlt #0xf000" : "+r" (x0) : "r" (x1) : "memory");
	return x0;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long open_there(const char *file, long mode)
{
	uint64_t args[3];
	long fd;

	/* QEMU reads what is in memory, and cannot wait until it is */
	snprintf(buf, sizeof(buf), "%s", file);
	args[0] = (uint64_t)buf;
	args[1] = mode;
	args[2] = strlen(buf);
	fd = call(SYS_OPEN, args);
	if (fd < 0) {
		fprintf(stderr, "%s: QEMU cannot open it\n", file);
		exit(1);
	}
	return fd;
}

static void out(const char *from, const char *to)
{
	int fd = open(from, O_RDONLY);
	uint64_t args[3];
	long there;
	ssize_t n;

	if (fd < 0)
		die(from);
	there = open_there(to, MODE_WB);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		args[0] = there;
		args[1] = (uint64_t)buf;
		args[2] = n;
		if (call(SYS_WRITE, args)) {
			fprintf(stderr, "%s: QEMU cannot write it\n", to);
			exit(1);
		}
	}
	if (n)
		die(from);
	args[0] = there;
	if (call(SYS_CLOSE, args)) {
		fprintf(stderr, "%s: QEMU cannot write it\n", to);
		exit(1);
	}
}

static void in(const char *from, const char *to)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	uint64_t args[3];
	long there, left;
	size_t n;

	if (fd < 0)
		die(to);
	there = open_there(from, MODE_RB);
	args[0] = there;
	for (left = call(SYS_FLEN, args); left > 0; left -= n) {
		n = left < (long)sizeof(buf) ? left : sizeof(buf);
		memset(buf, -1, n);
		args[0] = there;
		args[1] = (uint64_t)buf;
		args[2] = n;
		if (call(SYS_READ, args)) {
			fprintf(stderr, "%s: QEMU cannot read it\n", from);
			exit(1);
		}
		if (write(fd, buf, n) != (ssize_t)n)
			die(to);
	}
	if (left < 0 || close(fd))
		die(to);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "out"))
		out(argv[2], argv[3]);
	else if (argc == 4 && !strcmp(argv[1], "in"))
		in(argv[2], argv[3]);
	else
		return fprintf(stderr, "usage: carry out FILE THERE | in THERE FILE\n"), 2;
	return 0;
}
