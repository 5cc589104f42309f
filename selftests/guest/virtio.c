// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio-mmio, version 2, with split queues (Virtual I/O Device 1.2, 2.7 and
 * 4.2). A notification of the guest is an ioeventfd, an interrupt an irqfd: no
 * vCPU thread takes part in either.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "vmm.h"

#define VENDOR			0x35634947	/* "GIc5" */
#define ALL_SPACE		0x200		/* registers and configuration */

static void reset(struct virtio *v)
{
	memset(v->queue, 0, sizeof(v->queue));
	v->status = 0;
	v->device_features_sel = 0;
	v->driver_features_sel = 0;
	v->driver_features = 0;
	v->queue_sel = 0;
	__atomic_store_n(&v->isr, 0, __ATOMIC_SEQ_CST);
}

static void set_low(u64 *reg, u32 val)
{
	*reg = (*reg & ~0xffffffffull) | val;
}

static void set_high(u64 *reg, u32 val)
{
	*reg = (*reg & 0xffffffffull) | (u64)val << 32;
}

static u32 read_reg(struct virtio *v, u64 offset)
{
	struct virtqueue *q = v->queue_sel < v->nr_queues ?
			      &v->queue[v->queue_sel] : NULL;

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return 0x74726976;
	case VIRTIO_MMIO_VERSION:
		return 2;
	case VIRTIO_MMIO_DEVICE_ID:
		return v->device_id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		if (v->device_features_sel > 1)
			return 0;
		return v->features >> (32 * v->device_features_sel);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return q ? QUEUE_SIZE : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return q ? q->ready : 0;
	case VIRTIO_MMIO_STATUS:
		return v->status;
	}
	return 0;
}

static u64 virtio_read(struct device *dev, u64 offset, unsigned int size)
{
	struct virtio *v = (struct virtio *)dev;
	u64 val = 0;

	/* An interrupt handler does not wait for the device's thread. */
	if (offset == VIRTIO_MMIO_INTERRUPT_STATUS)
		return __atomic_load_n(&v->isr, __ATOMIC_SEQ_CST);
	if (offset >= VIRTIO_MMIO_CONFIG) {
		offset -= VIRTIO_MMIO_CONFIG;
		if (offset + size <= v->config_size)
			memcpy(&val, v->config + offset, size);
		return val;
	}
	pthread_mutex_lock(&v->lock);
	val = read_reg(v, offset);
	pthread_mutex_unlock(&v->lock);
	return val;
}

static void write_queue(struct virtqueue *q, u64 offset, u32 val)
{
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		if (val && val <= QUEUE_SIZE && !(val & (val - 1)))
			q->num = val;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		q->ready = val & 1 && q->num;
		if (!q->ready)
			q->last_avail = 0;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
		set_low(&q->desc, val);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_high(&q->desc, val);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
		set_low(&q->avail, val);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_high(&q->avail, val);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
		set_low(&q->used, val);
		break;
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_high(&q->used, val);
		break;
	}
}

static void write_reg(struct virtio *v, u64 offset, u32 val)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		v->device_features_sel = val;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		v->driver_features_sel = val;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (v->driver_features_sel)
			set_high(&v->driver_features, val);
		else
			set_low(&v->driver_features, val);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		v->queue_sel = val;
		break;
	case VIRTIO_MMIO_STATUS:
		if (!val)
			reset(v);
		else if (v->driver_features & ~v->features)
			v->status = val & ~VIRTIO_CONFIG_S_FEATURES_OK;
		else
			v->status = val;
		break;
	default:
		if (v->queue_sel < v->nr_queues)
			write_queue(&v->queue[v->queue_sel], offset, val);
	}
}

static void virtio_write(struct device *dev, u64 offset, unsigned int size,
			 u64 val)
{
	struct virtio *v = (struct virtio *)dev;

	if (offset == VIRTIO_MMIO_INTERRUPT_ACK) {
		__atomic_and_fetch(&v->isr, ~(u32)val, __ATOMIC_SEQ_CST);
		return;
	}
	pthread_mutex_lock(&v->lock);
	write_reg(v, offset, val);
	pthread_mutex_unlock(&v->lock);
}

static void virtio_reset(struct device *dev)
{
	struct virtio *v = (struct virtio *)dev;

	pthread_mutex_lock(&v->lock);
	reset(v);
	pthread_mutex_unlock(&v->lock);
}

static void virtio_node(struct device *dev, void *fdt)
{
	struct virtio *v = (struct virtio *)dev;

	fdt_device(fdt, "virtio", dev->base, "virtio,mmio", v->spi, false);
}

/* The driver has to reset the device first. */
static void broken(struct virtio *v, const char *why)
{
	if (!(v->status & VIRTIO_CONFIG_S_NEEDS_RESET))
		say("%s: the guest's queue is wrong: %s", v->name, why);
	v->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
}

bool virtio_next(struct virtio *v, unsigned int queue, struct request *req)
{
	struct virtqueue *q = &v->queue[queue];
	struct vring_desc *table;
	struct vring_avail *avail;
	unsigned int n = 0;
	u16 i;

	if (!q->ready || v->status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return false;
	table = guest_memory(q->desc, q->num * sizeof(*table));
	avail = guest_memory(q->avail, sizeof(*avail) + q->num * sizeof(u16));
	if (!table || !avail) {
		broken(v, "it is not in memory");
		return false;
	}
	if (__atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE) == q->last_avail)
		return false;

	i = avail->ring[q->last_avail % q->num];
	q->last_avail++;
	req->head = i;
	req->nr_out = 0;
	req->nr_in = 0;
	for (;;) {
		/* The guest may change it meanwhile. */
		struct vring_desc d;
		void *addr;

		if (i >= q->num || n++ == q->num) {
			broken(v, "a chain has no end");
			return false;
		}
		memcpy(&d, &table[i], sizeof(d));
		addr = guest_memory(d.addr, d.len);
		if (!addr) {
			broken(v, "a buffer is not in memory");
			return false;
		}
		if (d.flags & VRING_DESC_F_WRITE) {
			req->in[req->nr_in].addr = addr;
			req->in[req->nr_in++].len = d.len;
		} else {
			req->out[req->nr_out].addr = addr;
			req->out[req->nr_out++].len = d.len;
		}
		if (!(d.flags & VRING_DESC_F_NEXT))
			return true;
		i = d.next;
	}
}

void virtio_done(struct virtio *v, unsigned int queue, u16 head, u32 written)
{
	struct virtqueue *q = &v->queue[queue];
	struct vring_used *used;
	u16 idx;

	used = guest_memory(q->used, sizeof(*used) +
				     q->num * sizeof(struct vring_used_elem));
	if (!used) {
		broken(v, "it is not in memory");
		return;
	}
	idx = used->idx;
	used->ring[idx % q->num] = (struct vring_used_elem) { head, written };
	__atomic_store_n(&used->idx, idx + 1, __ATOMIC_RELEASE);
}

void virtio_interrupt(struct virtio *v)
{
	u64 one = 1;

	__atomic_or_fetch(&v->isr, VIRTIO_MMIO_INT_VRING, __ATOMIC_SEQ_CST);
	if (write(v->irqfd, &one, sizeof(one)) != sizeof(one))
		die("%s: irqfd: %m", v->name);
	v->raised++;
}

/* After the used entries are written: does the driver want to hear of them? */
static bool wants_interrupt(struct virtio *v, unsigned int queue)
{
	struct virtqueue *q = &v->queue[queue];
	struct vring_avail *avail = guest_memory(q->avail, sizeof(*avail));

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return avail && !(avail->flags & VRING_AVAIL_F_NO_INTERRUPT);
}

static void work(struct virtio *v, unsigned int queue)
{
	static __thread struct request req;
	bool any = false;
	u32 written;

	while (virtio_next(v, queue, &req)) {
		written = v->process(v, queue, &req);
		virtio_done(v, queue, req.head, written);
		any = true;
	}
	if (any && wants_interrupt(v, queue))
		virtio_interrupt(v);
}

static void *virtio_thread(void *arg)
{
	struct virtio *v = arg;
	struct epoll_event event;
	unsigned int i;
	int poll;
	u64 count;

	poll = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; i < v->nr_queues; i++) {
		event = (struct epoll_event) { EPOLLIN, { .u32 = i } };
		if (epoll_ctl(poll, EPOLL_CTL_ADD, v->kick[i], &event))
			die("%s: epoll_ctl: %m", v->name);
	}
	for (;;) {
		if (epoll_wait(poll, &event, 1, -1) != 1) {
			if (errno == EINTR)
				continue;
			die("%s: epoll_wait: %m", v->name);
		}
		i = event.data.u32;
		if (read(v->kick[i], &count, sizeof(count)) != sizeof(count))
			continue;
		pthread_mutex_lock(&v->lock);
		if (!(v->fills & (1u << i)))
			work(v, i);
		pthread_mutex_unlock(&v->lock);
	}
	return NULL;
}

static void set_irqfd(struct virtio *v, u32 flags)
{
	struct kvm_irqfd irqfd = {
		.fd = v->irqfd, .gsi = v->spi, .flags = flags,
	};

	if (ioctl(vm_fd, KVM_IRQFD, &irqfd))
		die("%s: KVM_IRQFD for SPI %u: %m", v->name, v->spi);
}

/* An irqfd may be on its way to its SPI. When it is gone, it has arrived. */
static void virtio_stop(struct device *dev)
{
	struct virtio *v = (struct virtio *)dev;

	pthread_mutex_lock(&v->lock);
	set_irqfd(v, KVM_IRQFD_FLAG_DEASSIGN);
}

static void virtio_state(struct device *dev)
{
	struct virtio *v = (struct virtio *)dev;
	unsigned int i;

	image_state(v->queue, sizeof(v->queue));
	for (i = 0; i < v->nr_queues; i++)
		image_check(v->queue[i].num <= QUEUE_SIZE &&
			    (v->queue[i].num || !v->queue[i].ready));
	image_state(&v->status, sizeof(v->status));
	image_state(&v->device_features_sel, sizeof(v->device_features_sel));
	image_state(&v->driver_features_sel, sizeof(v->driver_features_sel));
	image_state(&v->driver_features, sizeof(v->driver_features));
	image_state(&v->queue_sel, sizeof(v->queue_sel));
	image_state(&v->isr, sizeof(v->isr));
	if (v->state)
		v->state();
}

/* A notification may not have been seen: one too many does no harm. */
static void virtio_go(struct device *dev)
{
	struct virtio *v = (struct virtio *)dev;
	unsigned int i;
	u64 one = 1;

	set_irqfd(v, 0);
	for (i = 0; i < v->nr_queues; i++)
		if (write(v->kick[i], &one, sizeof(one)) != sizeof(one))
			die("%s: %m", v->name);
	pthread_mutex_unlock(&v->lock);
}

void virtio_create(struct virtio *v)
{
	static unsigned int nr;
	pthread_t thread;
	unsigned int i;

	v->dev = (struct device) {
		.base = VIRTIO_BASE + nr * DEV_SIZE,
		.read = virtio_read,
		.write = virtio_write,
		.reset = virtio_reset,
		.node = virtio_node,
		.stop = virtio_stop,
		.state = virtio_state,
		.go = virtio_go,
	};
	v->spi = VIRTIO_SPI + nr++;
	v->features |= 1ull << VIRTIO_F_VERSION_1;
	pthread_mutex_init(&v->lock, NULL);

	v->irqfd = eventfd(0, EFD_CLOEXEC);
	if (v->irqfd < 0)
		die("%s: eventfd: %m", v->name);
	set_irqfd(v, 0);
	for (i = 0; i < v->nr_queues; i++) {
		struct kvm_ioeventfd io = {
			.datamatch = i,
			.addr = v->dev.base + VIRTIO_MMIO_QUEUE_NOTIFY,
			.len = 4,
			.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
		};

		v->kick[i] = eventfd(0, EFD_CLOEXEC);
		io.fd = v->kick[i];
		if (io.fd < 0 || ioctl(vm_fd, KVM_IOEVENTFD, &io))
			die("%s: KVM_IOEVENTFD: %m", v->name);
	}
	if (pthread_create(&thread, NULL, virtio_thread, v))
		die("%s: no thread for it", v->name);
	add_device(&v->dev);
}
