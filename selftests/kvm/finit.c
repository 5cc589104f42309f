// SPDX-License-Identifier: GPL-2.0-only
/*
 * finit FILE [FLAGS]: load a module as kmod does it, by finit_module(). With
 * the flag 4 the kernel decompresses it. Not a test.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc < 2) {
		fprintf(stderr, "usage: finit FILE [FLAGS]\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !syscall(SYS_finit_module, fd, "",
				argc > 2 ? atoi(argv[2]) : 0))
		return 0;

	fprintf(stderr, "finit: %s: %s\n", argv[1], strerror(errno));
	return 1;
}
