/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saving a VM and restoring it as another one.
 */
#ifndef SELFTEST_STATE_H
#define SELFTEST_STATE_H

#include <stdio.h>

#include "irs.h"

#define GRP_SYSREGS		KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS
#define GRP_IRS_REGS		10
#define GRP_IST			11

/* struct kvm_vgic_v5_ist */
struct ist {
	u64 spi_addr, spi_size;
	u64 lpi_addr, lpi_size;
};

/* CPU_SYSREGS: what op0 3 and CRn 12 leave; the vCPU with this MPIDR */
#define SYSREG(op1, crm, op2)						\
	(3ul << 14 | (op1) << 11 | 12 << 7 | (crm) << 3 | (op2))
#define OF_VCPU(mpidr)		((u64)(mpidr) << 32)

#define SR_ICSR			SYSREG(0, 10, 4)
#define SR_ENABLER(n)		(SYSREG(0, 10, 6) + (n))
#define SR_SACTIVER(n)		(SYSREG(0, 13, 2) + (n))
#define SR_SPENDR(n)		(SYSREG(0, 13, 6) + (n))
#define SR_PRIORITYR(n)		(SYSREG(0, 14, 0) + (n))
#define SR_APR			SYSREG(1, 0, 0)
#define SR_CR0			SYSREG(1, 0, 1)
#define SR_PCR			SYSREG(1, 0, 2)

#define NR_SYSREGS		26
extern const u64 sysregs[NR_SYSREGS];
#define NR_IRS_REGS		52
extern const u32 irs_regs[NR_IRS_REGS];

#define MAX_SPIS		1024
#define MAX_LPIS		0x10000

/* What the device has */
struct image {
	u64 cpu[MAX_CPUS][NR_SYSREGS];
	bool irs;
	u64 regs[NR_IRS_REGS];
	u32 spis[MAX_SPIS];
	u32 lpis[MAX_LPIS];
	u64 nr_spis, nr_lpis;
};

u64 mpidr_of(const struct vcpu *vcpu);
int get_sysreg(struct vcpu *vcpu, u64 reg, u64 *val);
int set_sysreg(struct vcpu *vcpu, u64 reg, u64 val);
int get_irs_reg(struct vm *vm, u64 offset, u64 *val);
int set_irs_reg(struct vm *vm, u64 offset, u64 val);
int get_ist(struct vm *vm, struct image *image);
int set_ist(struct vm *vm, const struct image *image);
/* One register of an image */
u64 *irs_reg_of(struct image *image, u32 offset);

/* Ends the test if something goes wrong; try_restore() gives the first error */
void gic_save(struct vm *vm, struct image *image);
int try_restore(struct vm *vm, const struct image *image);
/* Are they the same to the byte? */
bool same_image(const struct image *a, const struct image *b);

/*
 * Save the VM, with its memory, make another one of it, and free the first. What
 * is saved right after it was restored must be the same.
 */
struct vm *vm_move(struct vm *vm);
/* Its device is restored as something else than it was saved as */
struct vm *vm_move_changed(struct vm *vm, void (*change)(struct image *image));
/* The same, up to where the state of its device is restored */
struct vm *vm_twin(struct vm *vm);
/* A VM with an SPI and a pending LPI, and the image of its device */
struct vm *vm_saved(struct image *image);
/* To a file, and a VM from it: on whichever host, by the same program */
void vm_write(struct vm *vm, FILE *f);
struct vm *vm_read(FILE *f);

#endif
