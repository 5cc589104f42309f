/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints, as events/vgicv5/ in tracefs. A PPI word is shown as bank 1 and
 * bank 0, each 64 PPIs wide.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vgicv5

#if !defined(__VGICV5_GLUE_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define __VGICV5_GLUE_EVENTS_H

#include <linux/tracepoint.h>

#include "glue.h"

/* Once in the life of a VM: what its guest may see is fixed */
TRACE_EVENT(vgicv5_expose,
	TP_PROTO(struct kvm_vcpu *vcpu, const struct ppi_vm *vm),
	TP_ARGS(vcpu, vm),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__array(u64, exposed, PPI_BANKS)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		memcpy(__entry->exposed, vm->exposed, sizeof(vm->exposed));
	),

	TP_printk("vcpu %d exposed=%016llx:%016llx", __entry->vcpu,
		  __entry->exposed[1], __entry->exposed[0])
);

/* The vCPU is at the CPU interface from here on */
TRACE_EVENT(vgicv5_load,
	TP_PROTO(struct kvm_vcpu *vcpu),
	TP_ARGS(vcpu),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__array(u64, enabled, PPI_BANKS)
		__array(u64, direct, PPI_BANKS)
	),

	TP_fast_assign(
		const struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;

		__entry->vcpu = vcpu->vcpu_id;
		memcpy(__entry->enabled, cpu->enabled, sizeof(cpu->enabled));
		memcpy(__entry->direct, cpu->direct, sizeof(cpu->direct));
	),

	TP_printk("vcpu %d enabled=%016llx:%016llx direct=%016llx:%016llx",
		  __entry->vcpu, __entry->enabled[1], __entry->enabled[0],
		  __entry->direct[1], __entry->direct[0])
);

/* The vCPU has left it; its state is in memory */
TRACE_EVENT(vgicv5_put,
	TP_PROTO(struct kvm_vcpu *vcpu),
	TP_ARGS(vcpu),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__array(u64, latch, PPI_BANKS)
		__array(u64, active, PPI_BANKS)
		__field(u32, apr)
		__field(u8, pcr)
		__field(u8, en)
	),

	TP_fast_assign(
		struct ppi_cpu *cpu = &to_vgicv5_vcpu(vcpu)->ppi;

		__entry->vcpu = vcpu->vcpu_id;
		__entry->latch[0] = ppi_word_read(&cpu->latch[0]);
		__entry->latch[1] = ppi_word_read(&cpu->latch[1]);
		memcpy(__entry->active, cpu->active, sizeof(cpu->active));
		__entry->apr = cpu->apr;
		__entry->pcr = cpu->pcr;
		__entry->en = cpu->en;
	),

	TP_printk("vcpu %d latch=%016llx:%016llx active=%016llx:%016llx apr=%08x pcr=%u en=%u",
		  __entry->vcpu, __entry->latch[1], __entry->latch[0],
		  __entry->active[1], __entry->active[0], __entry->apr,
		  __entry->pcr, __entry->en)
);

/* A PPI was driven, by userspace or by a device in KVM */
TRACE_EVENT(vgicv5_inject,
	TP_PROTO(struct kvm_vcpu *vcpu, unsigned int ppi, bool level, bool kick),
	TP_ARGS(vcpu, ppi, level, kick),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__field(u8, ppi)
		__field(bool, level)
		__field(bool, kick)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		__entry->ppi = ppi;
		__entry->level = level;
		__entry->kick = kick;
	),

	TP_printk("vcpu %d ppi %u level=%d kick=%d", __entry->vcpu,
		  __entry->ppi, __entry->level, __entry->kick)
);

/* What was injected is brought to a loaded vCPU; not if there is nothing */
TRACE_EVENT(vgicv5_flush,
	TP_PROTO(struct kvm_vcpu *vcpu, const u64 *set, const u64 *clear),
	TP_ARGS(vcpu, set, clear),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__array(u64, set, PPI_BANKS)
		__array(u64, clear, PPI_BANKS)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		memcpy(__entry->set, set, sizeof(__entry->set));
		memcpy(__entry->clear, clear, sizeof(__entry->clear));
	),

	TP_printk("vcpu %d set=%016llx:%016llx clear=%016llx:%016llx",
		  __entry->vcpu, __entry->set[1], __entry->set[0],
		  __entry->clear[1], __entry->clear[0])
);

/* A GICv5 register access or instruction of the guest trapped */
TRACE_EVENT(vgicv5_trap,
	TP_PROTO(struct kvm_vcpu *vcpu, u32 reg, bool write, u64 val, int ret),
	TP_ARGS(vcpu, reg, write, val, ret),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__field(u32, reg)
		__field(u64, val)
		__field(bool, write)
		__field(int, ret)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		__entry->reg = reg;
		__entry->val = val;
		__entry->write = write;
		__entry->ret = ret;
	),

	TP_printk("vcpu %d %s s%u_%u_c%u_c%u_%u val=%llx%s", __entry->vcpu,
		  __entry->write ? "write" : "read",
		  sys_reg_Op0(__entry->reg), sys_reg_Op1(__entry->reg),
		  sys_reg_CRn(__entry->reg), sys_reg_CRm(__entry->reg),
		  sys_reg_Op2(__entry->reg), __entry->val,
		  __entry->ret < 0 ? " undefined" : "")
);

/* KVM has asked whether an interrupt ends the vCPU's WFI */
TRACE_EVENT(vgicv5_pending,
	TP_PROTO(struct kvm_vcpu *vcpu, bool self, bool pending),
	TP_ARGS(vcpu, self, pending),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__field(bool, self)
		__field(bool, pending)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		__entry->self = self;
		__entry->pending = pending;
	),

	TP_printk("vcpu %d self=%d pending=%d", __entry->vcpu, __entry->self,
		  __entry->pending)
);

/* The guest has read or written the IRS */
TRACE_EVENT(vgicv5_frame,
	TP_PROTO(struct kvm_vcpu *vcpu, u32 offset, int len, bool write,
		 u64 val),
	TP_ARGS(vcpu, offset, len, write, val),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__field(u32, offset)
		__field(u64, val)
		__field(u8, len)
		__field(bool, write)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		__entry->offset = offset;
		__entry->len = len;
		__entry->write = write;
		__entry->val = val;
	),

	TP_printk("vcpu %d %s%u %05x val=%llx", __entry->vcpu,
		  __entry->write ? "write" : "read", __entry->len * 8,
		  __entry->offset, __entry->val)
);

/* An SPI was driven by userspace */
TRACE_EVENT(vgicv5_spi,
	TP_PROTO(u32 spi, bool level, bool kick),
	TP_ARGS(spi, level, kick),

	TP_STRUCT__entry(
		__field(u32, spi)
		__field(bool, level)
		__field(bool, kick)
	),

	TP_fast_assign(
		__entry->spi = spi;
		__entry->level = level;
		__entry->kick = kick;
	),

	TP_printk("spi %u level=%d kick=%d", __entry->spi, __entry->level,
		  __entry->kick)
);

/* What a loaded vCPU is told of SPIs and LPIs has changed */
TRACE_EVENT(vgicv5_signal,
	TP_PROTO(struct kvm_vcpu *vcpu, u32 signal),
	TP_ARGS(vcpu, signal),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__field(u32, signal)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		__entry->signal = signal;
	),

	TP_printk("vcpu %d%s%s%s%s", __entry->vcpu,
		  __entry->signal & IRS_VI ? " VI" : "",
		  __entry->signal & IRS_TRAP_MASKS ? " masks" : "",
		  __entry->signal & IRS_TRAP_CDEOI ? " CDEOI" : "",
		  __entry->signal & IRS_TRAP_CDDI ? " CDDI" : "")
);

/* The host's IRS was told to have a vCPU on this CPU, and maybe has refused */
TRACE_EVENT(vgicv5_vpe_enter,
	TP_PROTO(struct kvm_vcpu *vcpu, u16 vm, bool irsen, bool refused),
	TP_ARGS(vcpu, vm, irsen, refused),

	TP_STRUCT__entry(
		__field(u16, vm)
		__field(u16, vpe)
		__field(bool, irsen)
		__field(bool, refused)
	),

	TP_fast_assign(
		__entry->vm = vm;
		__entry->vpe = vcpu->vcpu_id;
		__entry->irsen = irsen;
		__entry->refused = refused;
	),

	TP_printk("vm %u vpe %u irsen=%d refused=%d", __entry->vm,
		  __entry->vpe, __entry->irsen, __entry->refused)
);

/* It has it no more. Its doorbell rings up to this priority, or, -1, not at all */
TRACE_EVENT(vgicv5_vpe_leave,
	TP_PROTO(struct kvm_vcpu *vcpu, u16 vm, int doorbell),
	TP_ARGS(vcpu, vm, doorbell),

	TP_STRUCT__entry(
		__field(u16, vm)
		__field(u16, vpe)
		__field(s8, doorbell)
	),

	TP_fast_assign(
		__entry->vm = vm;
		__entry->vpe = vcpu->vcpu_id;
		__entry->doorbell = doorbell;
	),

	TP_printk("vm %u vpe %u doorbell=%d", __entry->vm, __entry->vpe,
		  __entry->doorbell)
);

/* The doorbell of a vCPU has rung, which is an interrupt of the host */
TRACE_EVENT(vgicv5_doorbell,
	TP_PROTO(struct kvm_vcpu *vcpu, int irq),
	TP_ARGS(vcpu, irq),

	TP_STRUCT__entry(
		__field(int, vcpu)
		__field(int, irq)
	),

	TP_fast_assign(
		__entry->vcpu = vcpu->vcpu_id;
		__entry->irq = irq;
	),

	TP_printk("vcpu %d irq %d", __entry->vcpu, __entry->irq)
);

/* The host's IRS was told something of a VM, and has done it, or not answered */
TRACE_EVENT(vgicv5_irs_command,
	TP_PROTO(const char *command, int vm, int vpe, int ret),
	TP_ARGS(command, vm, vpe, ret),

	TP_STRUCT__entry(
		__string(command, command)
		__field(int, vm)
		__field(int, vpe)
		__field(int, ret)
	),

	TP_fast_assign(
		__assign_str(command);
		__entry->vm = vm;
		__entry->vpe = vpe;
		__entry->ret = ret;
	),

	TP_printk("%s vm=%d vpe=%d ret=%d", __get_str(command), __entry->vm,
		  __entry->vpe, __entry->ret)
);

#endif /* __VGICV5_GLUE_EVENTS_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE events

/* Outside the guard: this must be read each time */
#include <trace/define_trace.h>
