// SPDX-License-Identifier: GPL-2.0-only
/* A virtio block device with a file for its sectors (5.2). */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>

#include "vmm.h"

#define SECTOR			512

static int file;
static u64 size;

static struct virtio_blk_config config = {
	.seg_max = QUEUE_SIZE - 2,
};

/* All of @addr at @at, or an error of the device */
static u8 transfer(void *addr, u32 len, u64 at, bool in)
{
	ssize_t n;

	if (at > size || len > size - at)
		return VIRTIO_BLK_S_IOERR;
	while (len) {
		n = in ? pread(file, addr, len, at) : pwrite(file, addr, len, at);
		if (n <= 0)
			return VIRTIO_BLK_S_IOERR;
		addr += n;
		at += n;
		len -= n;
	}
	return VIRTIO_BLK_S_OK;
}

static u32 blk_process(struct virtio *v, unsigned int queue, struct request *req)
{
	struct virtio_blk_outhdr header;
	u8 status = VIRTIO_BLK_S_OK, *end;
	u32 written = 0;
	unsigned int i;
	u64 at;

	/* A header that is read, the data, and a byte that is written */
	if (!req->nr_out || req->out[0].len != sizeof(header) || !req->nr_in ||
	    req->in[req->nr_in - 1].len != 1)
		return 0;
	memcpy(&header, req->out[0].addr, sizeof(header));
	end = req->in[req->nr_in - 1].addr;
	at = header.sector * SECTOR;

	switch (header.type) {
	case VIRTIO_BLK_T_IN:
		for (i = 0; i < req->nr_in - 1 && !status; i++) {
			status = transfer(req->in[i].addr, req->in[i].len, at,
					  true);
			at += req->in[i].len;
			written += req->in[i].len;
		}
		break;
	case VIRTIO_BLK_T_OUT:
		for (i = 1; i < req->nr_out && !status; i++) {
			status = transfer(req->out[i].addr, req->out[i].len, at,
					  false);
			at += req->out[i].len;
		}
		break;
	case VIRTIO_BLK_T_FLUSH:
		if (fdatasync(file))
			status = VIRTIO_BLK_S_IOERR;
		break;
	default:
		status = VIRTIO_BLK_S_UNSUPP;
	}
	*end = status;
	return written + 1;
}

static struct virtio blk = {
	.name = "virtio-blk",
	.device_id = VIRTIO_ID_BLOCK,
	.features = 1ull << VIRTIO_BLK_F_FLUSH | 1ull << VIRTIO_BLK_F_SEG_MAX,
	.config = &config,
	.config_size = sizeof(config),
	.nr_queues = 1,
	.process = blk_process,
};

u64 blk_raised(void)
{
	return blk.raised;
}

void blk_create(const char *name)
{
	struct stat st;

	file = open(name, O_RDWR | O_CLOEXEC);
	if (file < 0 || fstat(file, &st))
		die("%s: %m", name);
	size = st.st_size;
	config.capacity = size / SECTOR;
	virtio_create(&blk);
}
