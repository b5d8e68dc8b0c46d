// SPDX-License-Identifier: GPL-2.0-only
/* Load and unload, in order. */
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include "fxo_core.h"

static int netlink_event(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *n = data;

	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC && n->portid)
		tdfxo_owner_gone((struct tdfxo_owner) { n->portid, n->net });
	return NOTIFY_DONE;
}

static struct notifier_block netlink_notifier = { .notifier_call = netlink_event };

static int reboot_event(struct notifier_block *nb, unsigned long event, void *data)
{
	tdfxo_all_on_hook();
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = { .notifier_call = reboot_event };

static int __init tdfxo_init(void)
{
	int err;

	err = tdfxo_pcm_init();
	if (err)
		return err;
	err = netlink_register_notifier(&netlink_notifier);
	if (err)
		goto err_pcm;
	err = register_reboot_notifier(&reboot_notifier);
	if (err)
		goto err_netlink;
	err = tdfxo_genl_init();
	if (err)
		goto err_reboot;
	return 0;

err_reboot:
	unregister_reboot_notifier(&reboot_notifier);
err_netlink:
	netlink_unregister_notifier(&netlink_notifier);
err_pcm:
	tdfxo_pcm_exit();
	return err;
}

/* Boards use our symbols, so there is no port left when this runs. */
static void __exit tdfxo_exit(void)
{
	tdfxo_genl_exit();
	unregister_reboot_notifier(&reboot_notifier);
	netlink_unregister_notifier(&netlink_notifier);
	tdfxo_pcm_exit();
	xa_destroy(&tdfxo_ports);
}

module_init(tdfxo_init);
module_exit(tdfxo_exit);

MODULE_DESCRIPTION("Telephone lines (FXO ports) for Tandem");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY(TDFXO_FAMILY);
