// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make one call of one function fail, whichever function that is. In
 * debugfs/fail_call,
 *
 *	FUNCTION RESULT N	the N-th call from now on returns RESULT at once
 *	-			none fails
 *
 * are written, and how many calls were to come yet is read; 0: that one has
 * failed. Calls count that the writer makes, or a thread of the kernel.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

static DEFINE_MUTEX(lock);
static char function[64];
static struct kprobe probe;
static bool probed;
static long result;
static pid_t writer;
static atomic_t left;

static int on_call(struct kprobe *p, struct pt_regs *regs)
{
	if (current->tgid != writer && !(current->flags & PF_KTHREAD))
		return 0;
	if (atomic_read(&left) <= 0 || atomic_dec_return(&left))
		return 0;

	/* Back to the caller; nothing of the function has run. */
	regs->regs[0] = result;
	regs->pc = procedure_link_pointer(regs);
	return 1;
}

static void disarm(void)
{
	if (probed)
		unregister_kprobe(&probe);
	probed = false;
}

static ssize_t fail_call_write(struct file *file, const char __user *user,
			       size_t size, loff_t *pos)
{
	char text[128];
	int n, ret;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, user, size))
		return -EFAULT;
	text[size] = '\0';

	guard(mutex)(&lock);

	disarm();
	if (text[0] == '-')
		return size;
	if (sscanf(text, "%63s %ld %d", function, &result, &n) != 3 || n <= 0)
		return -EINVAL;

	writer = current->tgid;
	atomic_set(&left, n);
	probe = (struct kprobe) {
		.symbol_name = function,
		.pre_handler = on_call,
	};
	ret = register_kprobe(&probe);
	probed = !ret;
	return ret ?: size;
}

static ssize_t fail_call_read(struct file *file, char __user *user,
			      size_t size, loff_t *pos)
{
	char text[16];
	int n = scnprintf(text, sizeof(text), "%d\n", atomic_read(&left));

	return simple_read_from_buffer(user, size, pos, text, n);
}

static const struct file_operations fail_call_fops = {
	.owner	= THIS_MODULE,
	.read	= fail_call_read,
	.write	= fail_call_write,
};

static struct dentry *file;

static int __init fail_call_init(void)
{
	file = debugfs_create_file("fail_call", 0600, NULL, NULL,
				   &fail_call_fops);
	return PTR_ERR_OR_ZERO(file);
}
module_init(fail_call_init);

static void __exit fail_call_exit(void)
{
	debugfs_remove(file);
	disarm();
}
module_exit(fail_call_exit);

MODULE_DESCRIPTION("Functions that fail on demand");
MODULE_LICENSE("GPL");
