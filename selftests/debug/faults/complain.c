// SPDX-License-Identifier: GPL-2.0-only
/*
 * One fault of each kind that the kernel with debug.config has to notice:
 * insmod complain.ko fault=NAME.
 */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "which");

/* Not known to the compiler */
static int forty = 40;
module_param(forty, int, 0444);
MODULE_PARM_DESC(forty, "40");

static DEFINE_MUTEX(one);
static DEFINE_MUTEX(other);
static DEFINE_SPINLOCK(spin);
static int __rcu *shared;
static int sink;

static void leak(void)
{
	char *volatile p = kmalloc(1000, GFP_KERNEL);

	p = NULL;
	(void)p;
}

static void lock_order(void)
{
	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);

	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
}

/* Two of one class, or it would wait for itself */
static void lock_twice(void)
{
	static struct mutex same[2];
	int i;

	for (i = 0; i < 2; i++)
		mutex_init(&same[i]);
	mutex_lock(&same[0]);
	mutex_lock(&same[1]);
	mutex_unlock(&same[1]);
	mutex_unlock(&same[0]);
}

static void sleep_in_atomic(void)
{
	spin_lock(&spin);
	mutex_lock(&one);
	mutex_unlock(&one);
	spin_unlock(&spin);
}

static void no_rcu_lock(void)
{
	sink = rcu_dereference(shared) ? 1 : 0;
}

static void needs_no_preemption(void)
{
	sink = smp_processor_id();
}

static void out_of_bounds(void)
{
	char *p = kmalloc(forty, GFP_KERNEL);

	if (p)
		sink = ((volatile char *)p)[forty];
	kfree(p);
}

static void use_after_free(void)
{
	char *p = kmalloc(forty, GFP_KERNEL);

	kfree(p);
	if (p)
		sink = *(volatile char *)p;
}

static void shift(void)
{
	sink = 1 << forty;
}

static void no_action(struct timer_list *timer)
{
}

/* Freed while it runs */
static void free_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, no_action, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static const struct {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "leak", leak },
	{ "lock_order", lock_order },
	{ "lock_twice", lock_twice },
	{ "sleep_in_atomic", sleep_in_atomic },
	{ "no_rcu_lock", no_rcu_lock },
	{ "preemptible", needs_no_preemption },
	{ "out_of_bounds", out_of_bounds },
	{ "use_after_free", use_after_free },
	{ "shift", shift },
	{ "free_timer", free_timer },
};

static int __init complain_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(fault, faults[i].name))
			continue;
		faults[i].commit();
		return 0;
	}

	return -EINVAL;
}
module_init(complain_init);

static void __exit complain_exit(void)
{
}
module_exit(complain_exit);

MODULE_DESCRIPTION("Faults that a debug kernel has to notice");
MODULE_LICENSE("GPL");
