# SPDX-License-Identifier: MIT
#
# Our own tools: the store, the console daemon, the supervisor; `xl` is another name of `dais`.
# Their logs are in /var/log/messages. `rig.tools=xl` on the kernel command line puts Debian's xl on
# our store and console daemon instead, and starts no supervisor.

. /etc/rig-xen.sh

syslogd -O /var/log/messages
dais stored --detach --pid-file /run/dais/stored.pid
rig_wait_store
dais consoled --detach --pid-file /run/dais/consoled.pid
if [ "$(rig_option rig.tools)" = xl ]; then
	rm /usr/local/bin/xl
	/usr/lib/xen-4.17/bin/xen-init-dom0 > /dev/null
	rig_tools="dais, with Debian's xl"
else
	dais supervise --detach --pid-file /run/dais/supervise.pid
	rig_tools=dais
fi
