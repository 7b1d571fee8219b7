"""The instance types on offer: vCPUs, memory and price.

Sizes are those of EC2's DescribeInstanceTypes; prices are the public On-Demand list for Linux in
us-east-1, dollars an hour. What burstable instances (T2, T3, T4g) earn is in `credits.py`.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class InstanceType:
    """What one instance of the type has."""

    name: str
    vcpus: float
    """Of EC2 whole ones; a task on Fargate may have a part of one."""
    memory: float
    """GiB."""
    price: float
    """US dollars an hour, On-Demand."""

    @property
    def family(self) -> str:
        """Such as m5."""
        return self.name.partition(".")[0]

    @property
    def nitro(self) -> bool:
        """Whether it is built on the Nitro System, as all but the oldest are."""
        return self.family not in XEN


XEN = frozenset({"t2"})
"""Families of before."""

_TABLE = """
t3.nano       2    0.5  0.0052
t3.micro      2    1    0.0104
t3.small      2    2    0.0208
t3.medium     2    4    0.0416
t3.large      2    8    0.0832
t3.xlarge     4   16    0.1664
t3.2xlarge    8   32    0.3328
t2.nano       1    0.5  0.0058
t2.micro      1    1    0.0116
t2.small      1    2    0.023
t2.medium     2    4    0.0464
t2.large      2    8    0.0928
t2.xlarge     4   16    0.1856
t2.2xlarge    8   32    0.3712
t4g.nano      2    0.5  0.0042
t4g.micro     2    1    0.0084
t4g.small     2    2    0.0168
t4g.medium    2    4    0.0336
t4g.large     2    8    0.0672
t4g.xlarge    4   16    0.1344
t4g.2xlarge   8   32    0.2688
m5.large      2    8    0.096
m5.xlarge     4   16    0.192
m5.2xlarge    8   32    0.384
m5.4xlarge   16   64    0.768
m5.8xlarge   32  128    1.536
m5.12xlarge  48  192    2.304
m5.16xlarge  64  256    3.072
m5.24xlarge  96  384    4.608
m6i.large     2    8    0.096
m6i.xlarge    4   16    0.192
m6i.2xlarge   8   32    0.384
m6i.4xlarge  16   64    0.768
m6i.8xlarge  32  128    1.536
m6g.medium    1    4    0.0385
m6g.large     2    8    0.077
m6g.xlarge    4   16    0.154
m6g.2xlarge   8   32    0.308
m6g.4xlarge  16   64    0.616
m6g.8xlarge  32  128    1.232
m7i.large     2    8    0.1008
m7i.xlarge    4   16    0.2016
m7i.2xlarge   8   32    0.4032
m7i.4xlarge  16   64    0.8064
m7i.8xlarge  32  128    1.6128
c5.large      2    4    0.085
c5.xlarge     4    8    0.17
c5.2xlarge    8   16    0.34
c5.4xlarge   16   32    0.68
c5.9xlarge   36   72    1.53
c5.12xlarge  48   96    2.04
c5.18xlarge  72  144    3.06
c5.24xlarge  96  192    4.08
c6i.large     2    4    0.085
c6i.xlarge    4    8    0.17
c6i.2xlarge   8   16    0.34
c6i.4xlarge  16   32    0.68
c6i.8xlarge  32   64    1.36
c6g.medium    1    2    0.034
c6g.large     2    4    0.068
c6g.xlarge    4    8    0.136
c6g.2xlarge   8   16    0.272
c6g.4xlarge  16   32    0.544
c6g.8xlarge  32   64    1.088
r5.large      2   16    0.126
r5.xlarge     4   32    0.252
r5.2xlarge    8   64    0.504
r5.4xlarge   16  128    1.008
r6i.large     2   16    0.126
r6i.xlarge    4   32    0.252
r6i.2xlarge   8   64    0.504
r6i.4xlarge  16  128    1.008
m7g.medium    1    4    0.0408
m7g.large     2    8    0.0816
m7g.xlarge    4   16    0.1632
m7g.2xlarge   8   32    0.3264
m7g.4xlarge  16   64    0.6528
m7g.8xlarge  32  128    1.3056
m7g.12xlarge 48  192    1.9584
m7g.16xlarge 64  256    2.6112
"""


def _parse(line: str) -> InstanceType:
    name, vcpus, memory, price = line.split()
    return InstanceType(name, int(vcpus), float(memory), float(price))


INSTANCE_TYPES: dict[str, InstanceType] = {
    kind.name: kind for kind in map(_parse, _TABLE.strip().splitlines())
}
