/* Stands in for libudev in Chromium (LD_PRELOAD), so that a pseudo-terminal counts as a USB-serial port. There is one
 * port at most, and it is described in the folder $FAKEUDEV_DIR:
 *
 *   port      the device's udev properties, a KEY=VALUE on each line; the file is there while the device is plugged in
 *   monitor   a datagram socket bound here: each datagram sent to it, "add" or "remove", is one hotplug event
 *
 * Chromium takes a tty whose MAJOR:MINOR is in a line of /proc/tty/drivers that ends with "serial", and opens its DEVNAME.
 *
 * A pseudo-terminal has no modem lines and does not keep the superuser out (TIOCEXCL), so ioctl is wrapped as well: setting
 * lines succeeds, none is ever raised, and exclusive use is a flock, which a test can hold to play another program.
 *
 * Has what Chromium asks for and no more; nothing is freed that a short-lived browser does not need back. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))
#define SYSPATH "/sys/devices/fakeudev/tty/port"

struct udev { int unused; };
struct udev_device { const char *action; char properties[1024]; };
struct udev_list_entry { const char *name; };
/* Chromium's watchers of other devices name their subsystems; the one of serial ports names none, and sorts by itself. */
struct udev_enumerate { int of_others; struct udev_list_entry first; };
struct udev_monitor { int of_others, fd; };

static struct udev the_udev;

static void path_of(const char *name, char *path, size_t size) {
  const char *folder = getenv("FAKEUDEV_DIR");
  snprintf(path, size, "%s/%s", folder ? folder : "/nonexistent", name);
}

static struct udev_device *read_device(const char *action) {
  char path[sizeof((struct sockaddr_un *)0)->sun_path];
  path_of("port", path, sizeof path);
  FILE *file = fopen(path, "re");
  /* A device that was removed is known by its path alone. */
  if (!file && strcmp(action, "remove")) return NULL;
  struct udev_device *device = calloc(1, sizeof *device);
  device->action = action;
  /* The last byte stays zero. */
  if (file && !fread(device->properties, 1, sizeof device->properties - 1, file)) device->properties[0] = 0;
  if (file) fclose(file);
  for (char *c = device->properties; *c; c++)
    if (*c == '\n') *c = 0;
  return device;
}

static const char *property(struct udev_device *device, const char *key) {
  size_t len = strlen(key);
  for (const char *line = device->properties; *line; line += strlen(line) + 1)
    if (!strncmp(line, key, len) && line[len] == '=') return line + len + 1;
  return NULL;
}

/* The library */

API struct udev *udev_new(void) { return &the_udev; }
API struct udev *udev_unref(struct udev *udev) { return NULL; }

API struct udev_enumerate *udev_enumerate_new(struct udev *udev) { return calloc(1, sizeof(struct udev_enumerate)); }
API struct udev_enumerate *udev_enumerate_unref(struct udev_enumerate *all) { free(all); return NULL; }
API int udev_enumerate_add_match_subsystem(struct udev_enumerate *all, const char *subsystem) {
  all->of_others = 1;
  return 0;
}
API int udev_enumerate_scan_devices(struct udev_enumerate *all) {
  struct udev_device *device = all->of_others ? NULL : read_device("add");
  all->first.name = device ? SYSPATH : NULL;
  free(device);
  return 0;
}
API struct udev_list_entry *udev_enumerate_get_list_entry(struct udev_enumerate *all) {
  return all->first.name ? &all->first : NULL;
}
API struct udev_list_entry *udev_list_entry_get_next(struct udev_list_entry *entry) { return NULL; }
API const char *udev_list_entry_get_name(struct udev_list_entry *entry) { return entry->name; }
API const char *udev_list_entry_get_value(struct udev_list_entry *entry) { return NULL; }

API struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name) {
  struct udev_monitor *monitor = calloc(1, sizeof *monitor);
  monitor->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return monitor;
}
API struct udev_monitor *udev_monitor_unref(struct udev_monitor *monitor) {
  close(monitor->fd);
  free(monitor);
  return NULL;
}
API int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *monitor, const char *subsystem, const char *type) {
  monitor->of_others = 1;
  return 0;
}
API int udev_monitor_enable_receiving(struct udev_monitor *monitor) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  path_of("monitor", address.sun_path, sizeof address.sun_path);
  return monitor->of_others ? 0 : bind(monitor->fd, (struct sockaddr *)&address, sizeof address);
}
API int udev_monitor_get_fd(struct udev_monitor *monitor) { return monitor->fd; }
API struct udev_device *udev_monitor_receive_device(struct udev_monitor *monitor) {
  char event[16] = "";
  if (recv(monitor->fd, event, sizeof event - 1, 0) <= 0) return NULL;
  return read_device(strcmp(event, "remove") ? "add" : "remove");
}

API struct udev_device *udev_device_new_from_syspath(struct udev *udev, const char *path) {
  return strcmp(path, SYSPATH) ? NULL : read_device("add");
}
API struct udev_device *udev_device_new_from_devnum(struct udev *udev, char type, dev_t number) { return NULL; }
API struct udev_device *udev_device_new_from_subsystem_sysname(struct udev *udev, const char *subsystem, const char *name) {
  return NULL;
}
API struct udev_device *udev_device_unref(struct udev_device *device) { free(device); return NULL; }
API struct udev_device *udev_device_get_parent(struct udev_device *device) { return NULL; }
API struct udev_device *udev_device_get_parent_with_subsystem_devtype(struct udev_device *device, const char *subsystem,
                                                                      const char *type) {
  return NULL;
}
API const char *udev_device_get_action(struct udev_device *device) { return device->action; }
API const char *udev_device_get_syspath(struct udev_device *device) { return SYSPATH; }
API const char *udev_device_get_sysname(struct udev_device *device) { return "port"; }
API const char *udev_device_get_subsystem(struct udev_device *device) { return "tty"; }
API const char *udev_device_get_devtype(struct udev_device *device) { return NULL; }
API const char *udev_device_get_driver(struct udev_device *device) { return NULL; }
API const char *udev_device_get_devnode(struct udev_device *device) { return property(device, "DEVNAME"); }
API const char *udev_device_get_property_value(struct udev_device *device, const char *key) { return property(device, key); }
API const char *udev_device_get_sysattr_value(struct udev_device *device, const char *name) { return NULL; }
API struct udev_list_entry *udev_device_get_properties_list_entry(struct udev_device *device) { return NULL; }

/* The terminal */

/* Whether fd is the end of a pseudo-terminal that programs open (majors 136 to 143: Linux, Documentation/admin-guide/devices.txt). */
static int is_pty(int fd) {
  struct stat at;
  return !fstat(fd, &at) && S_ISCHR(at.st_mode) && major(at.st_rdev) >= 136 && major(at.st_rdev) <= 143;
}

API int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (request == TIOCEXCL && is_pty(fd)) {
    if (!flock(fd, LOCK_EX | LOCK_NB)) return 0;
    errno = EBUSY;
    return -1;
  }
  int before = errno;
  int result = syscall(SYS_ioctl, fd, request, argument);
  int is_lines = request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC;
  /* A terminal that is hung up answers with another error, and keeps it. */
  if (result == 0 || !is_lines || (errno != ENOTTY && errno != EINVAL) || !is_pty(fd)) return result;
  if (request == TIOCMGET) *(int *)argument = 0;
  errno = before;
  return 0;
}
