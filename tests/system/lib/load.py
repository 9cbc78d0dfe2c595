# SPDX-License-Identifier: MIT
"""Load whose data is checked: guests' processors and disks, and the network between them and dom0."""

from guest import ONLINE
from serial import Late

# In each guest. The log says "bad" when the disk gave back something else than was written.
BUSY = """
cd /tmp
(while :; do head -c 500000 /dev/urandom | gzip | gunzip | sha256sum > /dev/null; done) &
(while :; do sleep 0.01; sh -c true; done) &
mount /dev/xvda /mnt
(while :; do
	head -c 2000000 /dev/urandom > data; cp data /mnt/data; sync
	echo 3 > /proc/sys/vm/drop_caches
	cmp data /mnt/data && echo good || echo bad
done) >> disk.log 2>&1 &
(while :; do nc -l -p 7000 -e cat; done) > /dev/null 2>&1 &
"""

# In dom0: data goes to each guest and back, over and over.
ECHO = """
cat > /tmp/echo.sh <<'X'
while :; do
	for ip in ADDRESSES; do
		# Less than what the sockets on the way hold: nc does not read while it cannot write.
		head -c 60000 /dev/urandom > /tmp/out
		# The other end listens anew after each connection: until then this one is refused.
		n=0
		until timeout 120 nc $ip 7000 < /tmp/out > /tmp/back || [ $n = 100 ]; do
			n=$((n + 1))
			usleep 200000
		done 2> /dev/null
		cmp /tmp/back /tmp/out && echo good || echo bad $ip
	done
done
X
setsid sh /tmp/echo.sh >> /tmp/echo.log 2>&1 < /dev/null &
echo $! > /tmp/echo.pid
"""


class Load:
    """Keeps guests busy that have a disk with ext4, xvda, and a network interface."""

    def __init__(self, dom0, *guests):
        self.dom0, self.guests = dom0, guests
        for guest in guests:
            guest.leave_running("load", BUSY)
            guest.leave_running("online", ONLINE)
        dom0.run(ECHO.replace("ADDRESSES", " ".join(guest.ip for guest in guests)))

    def well(self):
        """How many pieces of data came back since the last look: some from everywhere, all right."""
        try:
            self.dom0.wait_for("grep -q good /tmp/echo.log", 120)
        except Late as late:
            raise AssertionError(f"{late}\n{self.network()}") from late
        found = self.dom0.run("cat /tmp/echo.log; > /tmp/echo.log").splitlines()
        for guest in self.guests:
            guest.run("for i in $(seq 600); do grep -q good /tmp/disk.log && break; usleep 200000; done", 150)
            found += [f"{guest.name}: {line}" if line != "good" else line
                      for line in guest.run("cat /tmp/disk.log; > /tmp/disk.log", 90).splitlines()]
        bad = [line for line in found if line.strip() and line != "good"]
        assert not bad, bad
        return len(found)

    def network(self):
        """What there is to see when nothing comes back."""
        look = "ps | grep nc; netstat -tn; ip addr; grep -e vif -e eth -e CPU /proc/interrupts; tail -n 3 /tmp/echo.log"
        found = [self.dom0.status("xl list; xl vcpu-list; " + look)[1]]
        for guest in self.guests:
            found += [self.dom0.status(f"ping -c 3 {guest.ip}; xl network-list {guest.name}; "
                                       f"/usr/lib/xen-4.17/bin/lsevtchn {guest.domid()}")[1],
                      self.dom0.status(f"gx {guest.name} 60 '{look}'", 90)[1]]
        return "\n".join(found)

    def stop(self):
        """What runs in dom0."""
        self.dom0.run("kill $(cat /tmp/echo.pid)")
