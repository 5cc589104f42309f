// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "state.h"

const u64 sysregs[NR_SYSREGS] = {
	SR_ICSR, SR_ENABLER(0), SR_ENABLER(1), SR_SACTIVER(0), SR_SACTIVER(1),
	SR_SPENDR(0), SR_SPENDR(1), SR_PRIORITYR(0), SR_PRIORITYR(1),
	SR_PRIORITYR(2), SR_PRIORITYR(3), SR_PRIORITYR(4), SR_PRIORITYR(5),
	SR_PRIORITYR(6), SR_PRIORITYR(7), SR_PRIORITYR(8), SR_PRIORITYR(9),
	SR_PRIORITYR(10), SR_PRIORITYR(11), SR_PRIORITYR(12), SR_PRIORITYR(13),
	SR_PRIORITYR(14), SR_PRIORITYR(15), SR_APR, SR_CR0, SR_PCR,
};

/* All that Linux 7.4 has */
const u32 irs_regs[NR_IRS_REGS] = {
	0x000, 0x004, 0x008, 0x00c, 0x010, 0x014, 0x018, 0x01c, 0x040, 0x044,
	0x080, 0x084, 0x0c0, 0x0c4, 0x100, 0x108, 0x10c, 0x110, 0x114, 0x118,
	0x140, 0x144, 0x148, 0x180, 0x190, 0x194, 0x1c0, 0x200, 0x210, 0x214,
	0x240, 0x248, 0x250, 0x258, 0x25c, 0x280, 0x288, 0x28c, 0x2c0, 0x2c8,
	0x2d0, 0x2d8, 0x2e0, 0x300, 0x308, 0x340, 0x348, 0x380, 0x384, 0x3c0,
	0x3c8, 0x3d0,
};

u64 mpidr_of(const struct vcpu *vcpu)
{
	u64 id = vcpu->id;

	return (id & 0xf) | (id >> 4 & 0xff) << 8 | (id >> 12 & 0xff) << 16;
}

int get_sysreg(struct vcpu *vcpu, u64 reg, u64 *val)
{
	return attr_get(vcpu->vm->gic, GRP_SYSREGS, OF_VCPU(mpidr_of(vcpu)) | reg,
			val);
}

int set_sysreg(struct vcpu *vcpu, u64 reg, u64 val)
{
	return attr_set(vcpu->vm->gic, GRP_SYSREGS, OF_VCPU(mpidr_of(vcpu)) | reg,
			&val);
}

int get_irs_reg(struct vm *vm, u64 offset, u64 *val)
{
	return attr_get(vm->gic, GRP_IRS_REGS, offset, val);
}

int set_irs_reg(struct vm *vm, u64 offset, u64 val)
{
	return attr_set(vm->gic, GRP_IRS_REGS, offset, &val);
}

u64 *irs_reg_of(struct image *image, u32 offset)
{
	int i;

	for (i = 0; i < NR_IRS_REGS; i++)
		if (irs_regs[i] == offset)
			return &image->regs[i];
	require(false, "no register 0x%x", offset);
	return NULL;
}

static struct ist ist_of(const struct image *image)
{
	struct ist ist = {
		.spi_addr = (u64)image->spis,
		.spi_size = image->nr_spis * 4,
		.lpi_addr = image->nr_lpis ? (u64)image->lpis : 0,
		.lpi_size = image->nr_lpis * 4,
	};

	return ist;
}

int get_ist(struct vm *vm, struct image *image)
{
	struct ist ist = ist_of(image);

	return attr_get(vm->gic, GRP_IST, 0, &ist);
}

int set_ist(struct vm *vm, const struct image *image)
{
	struct ist ist = ist_of(image);

	return attr_set(vm->gic, GRP_IST, 0, &ist);
}

void gic_save(struct vm *vm, struct image *image)
{
	u64 addr = 0;
	int i, n;

	memset(image, 0, sizeof(*image));
	for (i = 0; i < vm->nr_vcpus; i++)
		for (n = 0; n < NR_SYSREGS; n++)
			require_eq(get_sysreg(vm->vcpu[i], sysregs[n],
					      &image->cpu[i][n]), 0);
	require_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS, &addr), 0);
	image->irs = addr != ~0ul;
	if (!image->irs)
		return;
	for (n = 0; n < NR_IRS_REGS; n++)
		require_eq(get_irs_reg(vm, irs_regs[n], &image->regs[n]), 0);
	image->nr_spis = *irs_reg_of(image, IRS_IDR5);
	if (*irs_reg_of(image, IRS_IST_BASER) & IRS_IST_VALID)
		image->nr_lpis = 1ul << (*irs_reg_of(image, IRS_IST_CFGR) & 31);
	require_eq(get_ist(vm, image), 0);
}

int try_restore(struct vm *vm, const struct image *image)
{
	int i, n, ret;

	for (n = 0; image->irs && n < NR_IRS_REGS; n++) {
		ret = set_irs_reg(vm, irs_regs[n], image->regs[n]);
		if (ret)
			return ret;
	}
	if (image->irs) {
		ret = set_ist(vm, image);
		if (ret)
			return ret;
	}
	for (i = 0; i < vm->nr_vcpus; i++) {
		for (n = 0; n < NR_SYSREGS; n++) {
			ret = set_sysreg(vm->vcpu[i], sysregs[n],
					 image->cpu[i][n]);
			if (ret)
				return ret;
		}
	}
	return 0;
}

bool same_image(const struct image *a, const struct image *b)
{
	unsigned long i, k;

	for (i = 0; i < MAX_CPUS; i++)
		for (k = 0; k < NR_SYSREGS; k++)
			if (a->cpu[i][k] != b->cpu[i][k]) {
				note("vCPU %ld, register 0x%lx: 0x%lx and 0x%lx",
				     i, (long)sysregs[k], (long)a->cpu[i][k],
				     (long)b->cpu[i][k]);
				return false;
			}
	for (i = 0; i < NR_IRS_REGS; i++)
		if (a->regs[i] != b->regs[i]) {
			note("register 0x%x of the IRS: 0x%lx and 0x%lx",
			     irs_regs[i], (long)a->regs[i], (long)b->regs[i]);
			return false;
		}
	for (i = 0; i < MAX_SPIS; i++)
		if (a->spis[i] != b->spis[i]) {
			note("SPI %ld: 0x%x and 0x%x", i, a->spis[i], b->spis[i]);
			return false;
		}
	for (i = 0; i < MAX_LPIS; i++)
		if (a->lpis[i] != b->lpis[i]) {
			note("LPI %ld: 0x%x and 0x%x", i, a->lpis[i], b->lpis[i]);
			return false;
		}
	return true;
}

/* What a vCPU has beside: by KVM's list, in its order */
static const struct kvm_reg_list *reg_list(struct vcpu *vcpu)
{
	static struct {
		struct kvm_reg_list list;
		u64 ids[2048];
	} l;

	l.list.n = 2048;
	require(!ioctl(vcpu->fd, KVM_GET_REG_LIST, &l), "KVM_GET_REG_LIST: %m");
	return &l.list;
}

static void move_vcpu(struct vcpu *from, struct vcpu *to)
{
	const struct kvm_reg_list *list = reg_list(from);
	struct kvm_mp_state mp;
	char data[2048];
	u64 i;

	for (i = 0; i < list->n; i++) {
		struct kvm_one_reg reg = {
			.id = list->reg[i], .addr = (u64)data,
		};

		require(!ioctl(from->fd, KVM_GET_ONE_REG, &reg),
			"register 0x%lx: %m", (long)reg.id);
		require(!ioctl(to->fd, KVM_SET_ONE_REG, &reg),
			"register 0x%lx is not taken: %m", (long)reg.id);
	}
	require(!ioctl(from->fd, KVM_GET_MP_STATE, &mp), "%m");
	require(!ioctl(to->fd, KVM_SET_MP_STATE, &mp), "%m");
}

/* What a file has for each register, and before all else */
struct file_reg {
	u64 id;
	char data[64];
};

struct file_vm {
	u64 size;			/* of memory */
	int nr_vcpus;
	int ids[MAX_CPUS];
	u64 count[2];			/* of the VM, not of each vCPU */
};

static const u64 counters[] = { KVM_REG_ARM_TIMER_CNT, KVM_REG_ARM_PTIMER_CNT };

static void out(FILE *f, const void *data, size_t size)
{
	require_eq(fwrite(data, size, 1, f), 1);
}

static void in(FILE *f, void *data, size_t size)
{
	require_eq(fread(data, size, 1, f), 1);
}

static void write_vcpu(struct vcpu *vcpu, FILE *f)
{
	const struct kvm_reg_list *list = reg_list(vcpu);
	struct kvm_mp_state mp;
	u64 i;

	out(f, &list->n, sizeof(list->n));
	for (i = 0; i < list->n; i++) {
		struct file_reg r = { .id = list->reg[i] };
		struct kvm_one_reg reg = { .id = r.id, .addr = (u64)r.data };

		require(1ul << (r.id >> KVM_REG_SIZE_SHIFT & 15) <= sizeof(r.data),
			"register 0x%lx is large", (long)r.id);
		require(!ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg),
			"register 0x%lx: %m", (long)r.id);
		out(f, &r, sizeof(r));
	}
	require(!ioctl(vcpu->fd, KVM_GET_MP_STATE, &mp), "%m");
	out(f, &mp, sizeof(mp));
}

static void read_vcpu(struct vcpu *vcpu, FILE *f)
{
	struct kvm_mp_state mp;
	u64 i, n;

	in(f, &n, sizeof(n));
	for (i = 0; i < n; i++) {
		struct file_reg r;
		struct kvm_one_reg reg = { .addr = (u64)r.data };

		in(f, &r, sizeof(r));
		reg.id = r.id;
		if (r.id != counters[0] && r.id != counters[1])
			require(!ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg),
				"register 0x%lx is not taken: %m", (long)r.id);
	}
	in(f, &mp, sizeof(mp));
	require(!ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp), "%m");
}

void vm_write(struct vm *vm, FILE *f)
{
	static struct image image;
	struct file_vm v = { .size = vm_size(), .nr_vcpus = vm->nr_vcpus };
	int i;

	for (i = 0; i < 2; i++)
		v.count[i] = get_reg(vm->vcpu[0], counters[i]);
	for (i = 0; i < vm->nr_vcpus; i++)
		v.ids[i] = vm->vcpu[i]->id;
	gic_save(vm, &image);
	out(f, &v, sizeof(v));
	out(f, &image, sizeof(image));
	out(f, vm->mem, v.size);
	for (i = 0; i < vm->nr_vcpus; i++)
		write_vcpu(vm->vcpu[i], f);
}

struct vm *vm_read(FILE *f)
{
	static struct image image, again;
	struct file_vm v;
	struct vm *vm = vm_new();
	u32 spis;
	int i;

	in(f, &v, sizeof(v));
	in(f, &image, sizeof(image));
	require_eq(v.size, vm_size());
	for (i = 0; i < v.nr_vcpus; i++)
		vcpu_new(vm, v.ids[i], 0, NULL);
	gic_create(vm);
	if (image.irs) {
		spis = image.nr_spis;
		require_eq(try_irs_addr(vm, IRS_ADDR), 0);
		require_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	}
	gic_init(vm);
	in(f, vm->mem, v.size);
	for (i = 0; i < v.nr_vcpus; i++)
		read_vcpu(vm->vcpu[i], f);
	require_eq(try_restore(vm, &image), 0);
	gic_save(vm, &again);
	check(same_image(&image, &again), "saved after it was read");
	for (i = 0; i < 2; i++)
		require_eq(try_set_reg(vm->vcpu[0], counters[i], v.count[i]), 0);
	return vm;
}

struct vm *vm_twin(struct vm *vm)
{
	struct vm *to = vm_new();
	u64 addr = 0;
	u32 spis = 0;
	int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		vcpu_new(to, vm->vcpu[i]->id, vm->vcpu[i]->features & PMU, NULL);
	gic_create(to);
	require_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS, &addr), 0);
	require_eq(attr_get(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	if (addr != ~0ul) {
		require_eq(try_irs_addr(to, addr), 0);
		require_eq(attr_set(to->gic, GRP_NR_IRQS, 0, &spis), 0);
	}
	gic_init(to);
	for (i = 0; i < to->nr_vcpus; i++)
		if (to->vcpu[i]->features & PMU)
			require_eq(try_pmu_init(to->vcpu[i]), 0);
	return to;
}

struct vm *vm_move_changed(struct vm *vm, void (*change)(struct image *image))
{
	static struct image image, again;
	struct vm *to;
	int i;

	/* What it has written to a device is done */
	for (i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpu[i]->run->exit_reason == KVM_EXIT_MMIO)
			vcpu_complete(vm->vcpu[i]);

	gic_save(vm, &image);
	gic_save(vm, &again);
	check(same_image(&image, &again), "saved twice");
	if (change)
		change(&image);

	to = vm_twin(vm);
	vm_copy(to, vm);
	for (i = 0; i < vm->nr_vcpus; i++)
		move_vcpu(vm->vcpu[i], to->vcpu[i]);
	vm_free(vm);
	require_eq(try_restore(to, &image), 0);
	gic_save(to, &again);
	check(change || same_image(&image, &again), "saved after it was restored");
	return to;
}

struct vm *vm_move(struct vm *vm)
{
	return vm_move_changed(vm, NULL);
}

static __guest void guest_to_save(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(LPI(5), 0x10, 0);
	irq_setup(SPI(3), 0x18, 0);
	pend(LPI(5));
	event(EV_USER);
}

struct vm *vm_saved(struct image *image)
{
	struct vm *vm = vm_with_irs(1, 0, guest_to_save);

	vcpu_expect(vm->vcpu[0], EV_USER);
	vcpu_complete(vm->vcpu[0]);
	gic_save(vm, image);
	return vm;
}
