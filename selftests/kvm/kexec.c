// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts another kernel in the place of this one, with all that runs: "kexec IMAGE
 * COMMAND-LINE". It has no initramfs.
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int kernel;

	if (argc != 3) {
		fprintf(stderr, "usage: kexec IMAGE COMMAND-LINE\n");
		return 2;
	}

	kernel = open(argv[1], O_RDONLY);
	if (kernel < 0 ||
	    syscall(SYS_kexec_file_load, kernel, -1, strlen(argv[2]) + 1,
		    argv[2], KEXEC_FILE_NO_INITRAMFS) ||
	    reboot(LINUX_REBOOT_CMD_KEXEC)) {
		perror("kexec");
		return 1;
	}

	return 0;
}
