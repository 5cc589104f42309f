// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec DISK ARGUMENTS: in the guest, start the kernel that is on the disk. The
 * Image is at its beginning, the initramfs IMAGE_SPACE behind it.
 *
 * By kexec_load(), for Debian's arm64 kernels have no kexec_file_load(): what
 * goes where is decided here, and the code that runs between the two kernels.
 * kexec-tools would do it, but want the libraries of Xen.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libfdt.h>

#define RAM_BASE	0x40000000ul
#define IMAGE_SPACE	0x4000000ul
#define INITRD_SPACE	0x1000000ul
#define FDT_SPACE	0x200000ul	/* the most that Linux takes */
#define PAGES		0x10000ul	/* the largest page that a kernel may have */

/* As the boot protocol wants it: x0 is the device tree, x1 to x3 are zero */
struct trampoline {
	__u32 code[6];
	__u64 kernel, fdt;
};

static const struct trampoline trampoline = {
	.code = {
		0x580000c4,	/* ldr	x4, kernel */
		0x580000e0,	/* ldr	x0, fdt */
		0xaa1f03e1,	/* mov	x1, xzr */
		0xaa1f03e2,	/* mov	x2, xzr */
		0xaa1f03e3,	/* mov	x3, xzr */
		0xd61f0080,	/* br	x4 */
	},
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "kexec: %s: %s\n", what, why);
	exit(1);
}

static void *get(const char *file, off_t offset, size_t size)
{
	int fd = open(file, O_RDONLY);
	char *buf = calloc(1, size);
	size_t done = 0;
	ssize_t n;

	if (fd < 0 || !buf)
		die(file, strerror(errno));
	while ((n = pread(fd, buf + done, size - done, offset + done)) > 0)
		done += n;
	if (n < 0)
		die(file, strerror(errno));
	close(fd);
	return buf;
}

static void fdt_ok(int ret)
{
	if (ret < 0)
		die("device tree", fdt_strerror(ret));
}

static void *new_fdt(const char *arguments, __u64 initrd)
{
	void *now = get("/sys/firmware/fdt", 0, FDT_SPACE);
	void *fdt = calloc(1, FDT_SPACE);
	int chosen;

	fdt_ok(fdt_open_into(now, fdt, FDT_SPACE));
	chosen = fdt_path_offset(fdt, "/chosen");
	fdt_ok(chosen);
	fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-start", initrd));
	fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-end",
			       initrd + INITRD_SPACE));
	fdt_ok(fdt_setprop_string(fdt, chosen, "bootargs", arguments));
	return fdt;
}

int main(int argc, char **argv)
{
	__u64 image_size, kernel, initrd, fdt, code;
	struct kexec_segment segment[4];
	struct trampoline *between;
	char *image;

	if (argc != 3)
		die("usage", "kexec DISK ARGUMENTS");

	image = get(argv[1], 0, IMAGE_SPACE);
	memcpy(&image_size, image + 16, sizeof(image_size));
	if (memcmp(image + 56, "ARMd", 4) || image_size > IMAGE_SPACE)
		die(argv[1], "no Image for arm64 at its beginning");

	/*
	 * Not over the kernel that runs: the map by which Linux 6.18 copies the
	 * new one has the text and constants of the old one read-only.
	 */
	kernel = RAM_BASE + 2 * IMAGE_SPACE;
	initrd = kernel + IMAGE_SPACE;
	fdt = initrd + INITRD_SPACE;
	code = fdt + FDT_SPACE;
	between = calloc(1, PAGES);
	if (!between)
		die("memory", strerror(errno));
	*between = trampoline;
	between->kernel = kernel;
	between->fdt = fdt;

	image_size = (image_size + PAGES - 1) & -PAGES;
	segment[0] = (struct kexec_segment){ image, image_size, (void *)kernel,
					     image_size };
	segment[1] = (struct kexec_segment){ get(argv[1], IMAGE_SPACE, INITRD_SPACE),
					     INITRD_SPACE, (void *)initrd,
					     INITRD_SPACE };
	segment[2] = (struct kexec_segment){ new_fdt(argv[2], initrd), FDT_SPACE,
					     (void *)fdt, FDT_SPACE };
	segment[3] = (struct kexec_segment){ between, PAGES, (void *)code, PAGES };

	if (syscall(SYS_kexec_load, code, 4, segment, KEXEC_ARCH_AARCH64))
		die("kexec_load", strerror(errno));
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	die("reboot", strerror(errno));
}
