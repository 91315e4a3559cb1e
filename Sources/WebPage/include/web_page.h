#pragma once

#include <stddef.h>

/// A file of the page.
struct web_page_file {
    const char *name;
    const unsigned char *bytes;
    size_t count;
};

/// All of them; they live as long as the program.
const struct web_page_file *web_page_files(size_t *count);
