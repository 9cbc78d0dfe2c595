# SPDX-License-Identifier: MIT
"""A guest that is never still: it reckons, reads its own memory and writes to its disk, and notes whatever is
wrong. For cases that stop it and let it go on.
"""

from guest import Guest

LOOP = """
n=0
while :; do
	n=$((n + 1))
	md5sum -c /tmp/t/sum || echo "round $n: memory" >> /tmp/bad
	echo $n > /mnt/n && sync
	read=$(cat /mnt/n 2>&1); [ "$read" = $n ] || echo "round $n: $read" >> /tmp/bad
	echo $n > /tmp/rounds
done
"""


class Busy(Guest):
    """2 vcpus, 128 MB (its kernel loses 2 MB at each restore, whoever does it), a disk in /tmp and a network interface."""

    def __init__(self, dom0, name, number):
        self.image = f"/tmp/{name}.img"
        dom0.run(f"head -c 16777216 /dev/zero > {self.image} && mkfs.ext4 -q {self.image}")
        super().__init__(dom0, name, number, vcpus=2, memory=128, disks=[f"{self.image},raw,xvda,rw"])

    def begin(self):
        self.start()
        self.run("mkdir -p /tmp/t; head -c 5000000 /dev/urandom > /tmp/t/data; md5sum /tmp/t/data > /tmp/t/sum; "
                 "mount /dev/xvda /mnt; echo 0 > /tmp/rounds")
        self.leave_running("busy", LOOP)
        self.goes_on()

    def goes_on(self):
        """It works, has been busy all the time, and found nothing wrong."""
        bad = self.run("n=$(cat /tmp/rounds); for i in $(seq 100); do [ $(cat /tmp/rounds) -gt $n ] && break; "
                       "usleep 100000; done; cat /tmp/bad 2> /dev/null; [ $(cat /tmp/rounds) -gt $n ]", 90)
        assert not bad, f"the guest found:\n{bad}"
        assert self.number("nproc") == 2
        assert ", 0% packet loss" in self.dom0.run(f"ping -c 2 {self.ip}")
        assert ", 0% packet loss" in self.run("ping -c 2 10.0.99.1")
        # Asking the guest may take long on a busy machine.
        before, its, after = (where.number("date +%s") for where in (self.dom0, self, self.dom0))
        assert before - 20 <= its <= after + 20, f"the guest's clock is at {its}, dom0's at {before} to {after}"
        self.kernel_log_clean()
