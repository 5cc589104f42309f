// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IRS that has lost a VM: a number that is written to
 * /sys/module/irs_unmap/parameters/vm is that of a VM that the host's IRS is told to
 * forget, behind the back of whoever has given it to the IRS. A vCPU of it that
 * runs goes on, without SPIs and LPIs, until it is loaded next.
 */
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>

#define IRS_VMT_STATUSR	0x0214
#define IRS_VMAP_VMR	0x02c8
#define VMAP_M		BIT_ULL(63)
#define VMAP_U		BIT_ULL(62)

static void __iomem *frame;

static int vm_set(const char *val, const struct kernel_param *kp)
{
	u32 status;
	u16 vm;
	int ret;

	ret = kstrtou16(val, 0, &vm);
	if (ret)
		return ret;

	writeq(VMAP_M | VMAP_U | vm, frame + IRS_VMAP_VMR);

	return readl_poll_timeout(frame + IRS_VMT_STATUSR, status, status & 1, 1,
				  1000000);
}

static const struct kernel_param_ops vm_ops = {
	.set = vm_set,
};
module_param_cb(vm, &vm_ops, NULL, 0200);
MODULE_PARM_DESC(vm, "Number of a VM that the host's IRS has to forget");

static int __init irs_unmap_init(void)
{
	struct device_node *node;
	int index;

	node = of_find_compatible_node(NULL, NULL, "arm,gic-v5-irs");
	if (!node)
		return -ENODEV;

	index = of_property_match_string(node, "reg-names", "ns-config");
	if (index >= 0)
		frame = of_iomap(node, index);
	of_node_put(node);

	return frame ? 0 : -ENODEV;
}
module_init(irs_unmap_init);

static void __exit irs_unmap_exit(void)
{
	iounmap(frame);
}
module_exit(irs_unmap_exit);

MODULE_DESCRIPTION("Make the host's IRS forget a VM");
MODULE_LICENSE("GPL");
