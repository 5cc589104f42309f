// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints KVM_CAP_IRQCHIP, for the scripts about loading the module: of the
 * system, and of a VM.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "lib/uapi.h"

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR), vm;

	vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0) {
		perror("irqchip_cap");
		return 1;
	}
	printf("%d %d\n", ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_IRQCHIP),
	       ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_IRQCHIP));
	return 0;
}
