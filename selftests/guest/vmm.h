/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VMM for stock arm64 kernels on a virtual GICv5, in user space of the host.
 *
 *   vmm.c      options, guest memory, vCPUs, what ends a VM
 *   fdt.c      the device tree
 *   virtio.c   virtio-mmio: registers and queues
 *   blk.c      the disk
 *   console.c  the virtio console
 *   pl011.c    the UART, with an interrupt that is a level
 *   stats.c    what KVM has counted, in a table
 *   image.c    a guest that is saved to a file, and restored from it
 *
 * Functions end the VMM with a line that says why, if something goes wrong that
 * is not the guest's fault; a guest's fault is said once, and the guest goes on.
 */
#ifndef GUEST_VMM_H
#define GUEST_VMM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvm.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

/* Where things are; each needs its own pages of up to 64 KiB. */
#define IRS_BASE		0x08000000ul
#define IRS_SIZE		0x20000ul	/* CONFIG and SETLPI frames */
#define DIST_BASE		0x08000000ul	/* of a GICv3 */
#define REDIST_BASE		0x08100000ul
#define REDIST_SIZE		0x20000ul	/* for each vCPU */
#define UART_BASE		0x09000000ul
#define VIRTIO_BASE		0x0a000000ul
#define DEV_SIZE		0x10000ul
#define RAM_BASE		0x40000000ul

/* SPIs, by their numbers from 0 on */
#define NR_SPIS			32
#define UART_SPI		1
#define VIRTIO_SPI		16		/* and the next ones */

#define MAX_VCPUS		8
#define MAX_DEVS		4

struct vcpu {
	unsigned int index;
	int id;
	int fd;
	int stats_fd;
	u64 mpidr;
	struct kvm_run *run;
	pthread_t thread;
};

/**
 * struct device - what answers accesses to a piece of the guest's physical memory
 * @base:  where it is
 * @write: the vCPU thread calls it, as @read; @offset is below DEV_SIZE
 * @reset: all vCPUs stand still
 * @node:  add a node of the device tree
 * @stop:  from here on it does nothing of itself, and all that it did is done;
 *         all vCPUs stand still
 * @state: call image_state() for all that it is, stopped
 * @go:    it goes on, with the lines of its interrupts as they are
 */
struct device {
	u64 base;
	u64 (*read)(struct device *dev, u64 offset, unsigned int size);
	void (*write)(struct device *dev, u64 offset, unsigned int size, u64 val);
	void (*reset)(struct device *dev);
	void (*node)(struct device *dev, void *fdt);
	void (*stop)(struct device *dev);
	void (*state)(struct device *dev);
	void (*go)(struct device *dev);
};

struct options {
	unsigned int nr_vcpus;
	int ids[MAX_VCPUS];
	u64 mem_size;
	const char *kernel;
	const char *initrd;
	const char *disk;
	const char *append;
	const char *prefix;
	const char *marks;
	const char *save;
	const char *restore;
	unsigned int nr_spis;
	unsigned int timeout;
	bool gicv3;
	bool no_reboot;
	bool pmu;
	bool table;
};

extern struct options options;
extern int vm_fd;
extern int gic_fd;
extern void *ram;
extern unsigned int nr_vcpus;
extern struct vcpu vcpus[MAX_VCPUS];
extern struct device *devices[MAX_DEVS];
extern unsigned int nr_devices;

__attribute__((noreturn, format(printf, 1, 2)))
void die(const char *fmt, ...);
__attribute__((format(printf, 1, 2)))
void say(const char *fmt, ...);

void add_device(struct device *dev);
/* NULL if not all of it is memory of the guest */
void *guest_memory(u64 gpa, u64 size);
void set_spi(u32 spi, bool level);

/* fdt.c: written to @fdt, of @size bytes */
void make_fdt(void *fdt, size_t size, u64 initrd_start, u64 initrd_end,
	      unsigned int boot);
void fdt_device(void *fdt, const char *name, u64 base, const char *compatible,
		u32 spi, bool level);
void fdt_prop_cells(void *fdt, const char *name, const u32 *cells,
		    unsigned int nr);
void fdt_prop_string(void *fdt, const char *name, const char *string);
void fdt_prop_strings(void *fdt, const char *name, const char *strings,
		      size_t size);
u32 fdt_clock(void);

/* What a guest prints, a line at a time if there is a prefix */
struct output {
	char line[512];
	size_t len;
};

void output_char(struct output *out, char c);
void output_flush(struct output *out);
void output_state(struct output *out);

/* pl011.c */
void uart_create(void);
void uart_flush(void);
u64 uart_raised(void);

/* virtio.c */
#define QUEUE_SIZE		128

struct virtqueue {
	u32 num;
	u32 ready;
	u64 desc;
	u64 avail;
	u64 used;
	u16 last_avail;
};

/**
 * struct request - the buffers of one chain of descriptors
 * @out: what the device reads; @nr_out of them
 * @in:  what it writes; @nr_in
 */
struct request {
	u16 head;
	unsigned int nr_out;
	unsigned int nr_in;
	struct {
		void *addr;
		u32 len;
	} out[QUEUE_SIZE], in[QUEUE_SIZE];
};

/**
 * struct virtio - a virtio-mmio device
 * @lock:    of everything but @isr; its thread has it while it works
 * @isr:     InterruptStatus
 * @irqfd:   raises the SPI
 * @kick:    of each queue: KVM writes to it for QueueNotify
 * @fills:   queues whose buffers the device keeps until it has something for them
 * @process: one request of a queue: number of bytes written
 * @state:   image_state() of what it has beside, or NULL
 */
struct virtio {
	struct device dev;
	const char *name;
	u32 device_id;
	u64 features;
	const void *config;
	size_t config_size;
	unsigned int nr_queues;
	unsigned int fills;
	u32 (*process)(struct virtio *v, unsigned int queue,
		       struct request *req);
	void (*state)(void);

	pthread_mutex_t lock;
	struct virtqueue queue[2];
	u32 spi;
	u32 status;
	u32 device_features_sel;
	u32 driver_features_sel;
	u64 driver_features;
	u32 queue_sel;
	u32 isr;
	int irqfd;
	int kick[2];
	u64 raised;
};

void virtio_create(struct virtio *v);
/* With the lock held: false if there is no request */
bool virtio_next(struct virtio *v, unsigned int queue, struct request *req);
void virtio_done(struct virtio *v, unsigned int queue, u16 head, u32 written);
void virtio_interrupt(struct virtio *v);

/* blk.c, console.c */
void blk_create(const char *file);
u64 blk_raised(void);
void console_create(void);
void console_flush(void);

/* image.c: options.save and options.restore are the files */
/* Before there is a VM: what the options say must be what was saved. */
void image_open(void);
/* All vCPUs stand still, and have not run if it is restored; the number of the boot */
void image_save(unsigned int boot);
unsigned int image_restore(void);
/* To the file or from it */
void image_state(void *data, size_t size);
/* Ends it if that cannot have been saved */
void image_check(bool ok);

/* stats.c */
void stats_command(char *line);
void stats_print(void);

#endif
