// SPDX-FileCopyrightText: 2026 The pkgtools authors
// SPDX-License-Identifier: MIT
//
// The floor of a run with nothing to do: read the directories, stat every module and its pyc, and compare the pyc's
// header with the module. usage: floor_walk CACHE-TAG DIRECTORY...
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned long fresh, stale;

static void look(int directory, int cache, const char *name, const char *tag)
{
    struct stat source, pyc;
    uint32_t header[4];
    char pyc_name[512];

    snprintf(pyc_name, sizeof pyc_name, "%.*s.%s.pyc", (int)strlen(name) - 3, name, tag);
    int descriptor = openat(cache, pyc_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) {
        stale++;
        return;
    }
    if (fstatat(directory, name, &source, AT_SYMLINK_NOFOLLOW) == 0 && fstat(descriptor, &pyc) == 0 &&
        read(descriptor, header, sizeof header) == sizeof header && header[2] == (uint32_t)source.st_mtime &&
        header[3] == (uint32_t)source.st_size)
        fresh++;
    else
        stale++;
    close(descriptor);
}

static void walk(int directory, const char *tag)
{
    DIR *stream = fdopendir(directory);
    int cache = openat(directory, "__pycache__", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        size_t length = strlen(entry->d_name);
        if (entry->d_type == DT_REG && length > 3 && strcmp(entry->d_name + length - 3, ".py") == 0) {
            look(directory, cache, entry->d_name, tag);
        } else if (entry->d_type == DT_DIR && entry->d_name[0] != '.' && strcmp(entry->d_name, "__pycache__") != 0) {
            int below = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below >= 0)
                walk(below, tag);
        }
    }
    if (cache >= 0)
        close(cache);
    closedir(stream);
}

int main(int count, char **arguments)
{
    for (int index = 2; index < count; index++) {
        int top = open(arguments[index], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (top >= 0)
            walk(top, arguments[1]);
    }
    printf("%lu fresh, %lu stale\n", fresh, stale);
    return stale ? 1 : 0;
}
