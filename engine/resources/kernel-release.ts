const DEB = /^linux-image-(?:unsigned-)?(\d.+?)(?:-unsigned)?$/;
// Builds of a distribution: those of the kernel's own `make rpm-pkg` do not say in their names what they are called.
const RPM = /^kernel-(?:core-)?(\d[^-]*-[^-]+\.(?:el|fc|amzn)\d\w*\.\w+)(?:\.rpm)?$/;

/**
 * The release, as `uname -r` says it, of the kernel in a package: by the package's name (`linux-image-6.1.0-30-amd64`) or its
 * file's (`kernel-core-5.14.0-362.el9.x86_64.rpm`); undefined where that does not tell.
 */
export const kernelRelease = (name: string): string | undefined =>
  DEB.exec(name.replace(/_[^_]*_[^_]*\.deb$/, ''))?.[1] ?? RPM.exec(name)?.[1];
