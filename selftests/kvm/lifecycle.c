// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs that come and go in every state, many times: nothing of them is left, in
 * the module's reference count or in the next VM. $LIFECYCLE says how much of
 * it: 1 without it, make check-all says 50.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER
#define CPU1_ONLINE	"/sys/devices/system/cpu/cpu1/online"

static int amount(int n)
{
	const char *s = getenv("LIFECYCLE");

	return s && atoi(s) > 0 ? n * atoi(s) : n;
}

static void none_left(void)
{
	check(wait_for(references() == 0), "references: %d", references());
}

/*
 * How a VM is left: with SW_PPI pending, active, active and pending again, with
 * an expired timer, or with nothing at all.
 */
enum { IDLE, PENDING, ACTIVE, BOTH, TIMER, NR_STATES };

static __guest void guest_left(u64 state)
{
	u32 i;

	/* A new VM, whatever the one before has left. */
	guest_check(!(read_reg(ICC_SPENDR0) & BIT(SW_PPI)), state, 0);
	guest_check(!read_reg(ICC_SACTIVER0), read_reg(ICC_SACTIVER0), state);
	guest_check(!read_reg(ICC_ENABLER0), read_reg(ICC_ENABLER0), state);
	guest_check(!read_reg(ICC_APR), read_reg(ICC_APR), state);
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	if (state == IDLE)
		return;
	if (state == TIMER) {
		timer_set(CNTV, 1);
		for (i = 0; i < 1000 && !timer_expired(CNTV); i++)
			isb();
		gic_ack();
		return;
	}
	write_reg(ICC_SPENDR0, BIT(SW_PPI));
	isb();
	if (state == PENDING)
		return;
	guest_check(CDIA_ID(gic_ack()) == SW_PPI, read_reg(ICC_SPENDR0), 0);
	if (state == BOTH) {
		write_reg(ICC_SPENDR0, BIT(SW_PPI));
		isb();
	}
}

static void create_run_destroy(long arg)
{
	int i, n = amount(200);

	for (i = 0; i < n; i++) {
		struct vm *vm = vm_ready(1, NULL);
		int before = i % 2;

		vcpu_entry(vm->vcpu[0], guest_left, i / 2 % NR_STATES);
		/* Also with one injected that the guest has never seen. */
		vcpu_expect(vm->vcpu[0], EV_DONE);
		if (before)
			sw_ppi(vm->vcpu[0]);
		vm_free(vm);
	}
	none_left();
	host_is_well();
	note("%d VMs", n);
}

/* The same with an IRS: LPIs in each state, SPIs that nobody has taken */
static __guest void guest_left_lpis(u64 state)
{
	u64 i;

	irs_guest_setup(0);
	for (i = 0; i < 1u << IRS_LPI_BITS; i += 100) {
		irq_setup(LPI(i), 0x10, 0);
		if (state == IDLE)
			continue;
		pend(LPI(i));
		if (state == PENDING)
			continue;
		guest_check(gic_ack() == (CDIA_VALID | LPI(i)), i, state);
		gic_eoi();
		if (state == BOTH)
			pend(LPI(i));
	}
}

static void irs_create_run_destroy(long arg)
{
	int i, n = amount(200);

	for (i = 0; i < n; i++) {
		struct vm *vm = vm_with_irs(1, 32 * (1 + i % 32), NULL);

		vcpu_entry(vm->vcpu[0], guest_left_lpis, i / 2 % NR_STATES);
		vcpu_expect(vm->vcpu[0], EV_DONE);
		if (i % 2)
			require_eq(spi_line(vm, i % 32, 1), 0);
		vm_free(vm);
	}
	none_left();
	host_is_well();
	note("%d VMs", n);
}

/* Each vCPU sends to the other for as long as it lives */
static __guest void guest_sends(u64 arg)
{
	u64 me = cpu()->index;

	if (me) {
		irs_guest_setup_other(0);
		while (!guest_cpus[0].phase)
			;
	} else {
		irs_guest_setup(0);
	}
	cpu()->phase = 1;
	irq_setup(LPI(me), 0x10, !me);
	irq_on();
	for (;;) {
		pend(LPI(me));
		cpu()->count++;
	}
}

static __guest void guest_spins(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	irq_on();
	timer_ticks(CNTV, ~0ul, ms(1));
	for (;;)
		cpu()->count++;
}

static void killed_in_run(long irs)
{
	int i, n = amount(10);

	for (i = 0; i < n; i++) {
		int sync[2];
		char c;
		pid_t pid;

		require(!pipe(sync), "%m");
		pid = fork();
		require(pid >= 0, "fork: %m");
		if (!pid) {
			struct vm *vm = irs ? vm_with_irs(2, 0, guest_sends) :
					      vm_ready(2, guest_spins);

			vcpu_start(vm->vcpu[0], -1);
			vcpu_start(vm->vcpu[1], -1);
			wait_for(vm->vcpu[0]->g->count && vm->vcpu[1]->g->count);
			sw_ppi(vm->vcpu[1]);
			require(write(sync[1], "x", 1) == 1, "%m");
			for (;;)
				pause();
		}
		require(read(sync[0], &c, 1) == 1, "%m");
		require_eq(kill(pid, SIGKILL), 0);
		waitpid(pid, NULL, 0);
		close(sync[0]);
		close(sync[1]);
	}
	none_left();
	host_is_well();
	note("%d processes", n);
}

/* vCPUs that take timer interrupts and, one after the other, injected edges. */

static void one_more_edge(struct vcpu *vcpu)
{
	u64 before = vcpu->g->taken[SW_PPI];

	sw_ppi(vcpu);
	require(wait_for(vcpu->g->taken[SW_PPI] > before),
		"vCPU %d: edge %ld is lost", vcpu->id, (long)before + 1);
}

static void both_run(struct vm *vm)
{
	int i;

	for (i = 0; i < 2; i++)
		vcpu_start(vm->vcpu[i], -1);
	for (i = 0; i < 2; i++)
		require(wait_for(vm->vcpu[i]->g->count), "vCPU %d", i);
}

/* As many edges as there were injections, and time has not stood still. */
static void both_have(struct vm *vm, int edges, u64 *ticks)
{
	int i;

	for (i = 0; i < 2; i++) {
		volatile struct guest_cpu *g = vm->vcpu[i]->g;

		check(wait_for(g->taken[CNTV] > ticks[i]), "timer of vCPU %d", i);
		vcpu_stop(vm->vcpu[i]);
		check_eq(g->taken[SW_PPI], edges);
		check_eq(g->spurious, 0);
	}
	vm_free(vm);
	none_left();
	host_is_well();
}

static void threads_moved(long arg)
{
	struct vm *vm = vm_ready(2, guest_spins);
	int i, k, n = amount(200), cpus = host_cpus();
	u64 ticks[2];

	if (cpus < 2)
		skip("one CPU");
	both_run(vm);
	for (i = 0; i < n; i++) {
		for (k = 0; k < 2; k++) {
			cpu_set_t set;

			CPU_ZERO(&set);
			CPU_SET((i + k * (i >> 3)) % cpus, &set);
			require(!pthread_setaffinity_np(vm->vcpu[k]->thread,
							sizeof(set), &set),
				"CPU %d", i % cpus);
			one_more_edge(vm->vcpu[k]);
			ticks[k] = vm->vcpu[k]->g->taken[CNTV];
		}
	}
	both_have(vm, n, ticks);
	note("%d moves of each thread", n);
}

static void cpus_go(long arg)
{
	struct vm *vm = vm_ready(2, guest_spins);
	int i, k, n = amount(5), fd = open(CPU1_ONLINE, O_WRONLY);
	u64 ticks[2];

	if (fd < 0)
		skip("CPU 1 cannot be switched off");
	both_run(vm);
	for (i = 0; i < 2 * n; i++) {
		require(pwrite(fd, i & 1 ? "1" : "0", 1, 0) == 1, "CPU 1: %m");
		for (k = 0; k < 2; k++) {
			one_more_edge(vm->vcpu[k]);
			ticks[k] = vm->vcpu[k]->g->taken[CNTV];
		}
	}
	close(fd);
	both_have(vm, 2 * n, ticks);
	note("%d times off and on", n);
}

/* A VM belongs to the process that made it; its files may go anywhere. */

static void is_a_stranger(struct vm *vm)
{
	check_eq(try_run(vm->vcpu[0]), -EIO);
	check_eq(try_gic_init(vm), -EIO);
	check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0, SW_PPI), 1),
		 -EIO);
}

static void child_is_well(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	check_eq(status, 0);
}

static void forked(long arg)
{
	struct vm *vm = vm_ready(1, NULL);
	int sync[2];
	pid_t pid;
	char c;

	vcpu_entry(vm->vcpu[0], guest_left, PENDING);
	require(!pipe(sync), "%m");
	pid = fork();
	if (!pid) {
		close(sync[1]);
		is_a_stranger(vm);
		/* Until the parent has closed its own. */
		c = read(sync[0], &c, 1);
		is_a_stranger(vm);
		_exit(references() != 1);
	}
	vcpu_expect(vm->vcpu[0], EV_DONE);
	vm_free(vm);
	check_eq(references(), 1);
	close(sync[0]);
	close(sync[1]);
	child_is_well(pid);
	none_left();
}

static void send_fds(int to, const int *fds, int nr)
{
	char data = 'x', buf[CMSG_SPACE(3 * sizeof(int))] = "";
	struct iovec iov = { &data, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = buf, .msg_controllen = CMSG_SPACE(nr * sizeof(int)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(nr * sizeof(int));
	memcpy(CMSG_DATA(c), fds, nr * sizeof(int));
	require(sendmsg(to, &msg, 0) == 1, "sendmsg: %m");
}

static void receive_fds(int from, int *fds, int nr)
{
	char data, buf[CMSG_SPACE(3 * sizeof(int))];
	struct iovec iov = { &data, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = buf, .msg_controllen = sizeof(buf),
	};

	require(recvmsg(from, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg),
		"recvmsg: %m");
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), nr * sizeof(int));
}

/* The maker has died, somebody else holds what it made; also in flight. */
static void passed_on(long arg)
{
	struct vm vm = { .nr_vcpus = 1 };
	struct vcpu vcpu = { .vm = &vm };
	int s[2], fds[3], i;
	pid_t pid;

	require(!socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair: %m");
	pid = fork();
	if (!pid) {
		struct vm *mine = vm_ready(1, NULL);

		vcpu_entry(mine->vcpu[0], guest_left, BOTH);
		vcpu_expect(mine->vcpu[0], EV_DONE);
		fds[0] = mine->fd;
		fds[1] = mine->vcpu[0]->fd;
		fds[2] = mine->gic;
		send_fds(s[1], fds, 3);
		_exit(0);
	}
	child_is_well(pid);
	check_eq(references(), 1);
	receive_fds(s[0], fds, 3);
	vm.fd = fds[0];
	vcpu.fd = fds[1];
	vm.gic = fds[2];
	vm.vcpu[0] = &vcpu;
	is_a_stranger(&vm);
	for (i = 0; i < 3; i++) {
		check_eq(references(), 1);
		close(fds[i]);
	}
	none_left();
	host_is_well();
}

/* Two VMs with the opposite of each other, taking turns on one CPU. */

static __guest void guest_keeps(u64 odd)
{
	u64 enable = odd ? BIT(SW_PPI) | BIT(CNTP) : BIT(CNTV);
	u64 prio = odd ? 0x0808080808080808 : 0xf0f0f0f0f0f0f0f0;
	u64 active = odd ? BIT(CNTV) : BIT(SW_PPI);

	gic_setup(enable);
	write_reg(ICC_PRIORITYR3, prio);
	write_reg(ICC_SACTIVER0, active);
	isb();
	for (;;) {
		guest_check(read_reg(ICC_ENABLER0) == enable,
			    read_reg(ICC_ENABLER0), odd);
		guest_check(read_reg(ICC_SACTIVER0) == active,
			    read_reg(ICC_SACTIVER0), odd);
		guest_check(!((read_reg(ICC_PRIORITYR3) ^ prio) & 0x00ff0000ff000000 &
			      (prio_mask() * 0x0101010101010101)),
			    read_reg(ICC_PRIORITYR3), odd);
		cpu()->count++;
	}
}

static void two_on_one_cpu(long arg)
{
	struct vm *vm[2];
	int i;

	for (i = 0; i < 2; i++) {
		vm[i] = vm_ready(1, NULL);
		vcpu_entry(vm[i]->vcpu[0], guest_keeps, i);
	}
	for (i = 0; i < 2; i++)
		vcpu_start(vm[i]->vcpu[0], 0);
	sleep_us(amount(500000));
	for (i = 0; i < 2; i++)
		check(wait_for(vm[i]->vcpu[0]->g->count > 10), "VM %d", i);
	for (i = 0; i < 2; i++) {
		vcpu_stop(vm[i]->vcpu[0]);
		vm_free(vm[i]);
	}
	none_left();
}

KTAP_MAIN(need_vgic,
	  T(create_run_destroy), T(irs_create_run_destroy),
	  TA("killed_in_run", killed_in_run, false),
	  TA("irs_killed_in_run", killed_in_run, true), T(threads_moved),
	  T(cpus_go), T(forked), T(passed_on), T(two_on_one_cpu))
