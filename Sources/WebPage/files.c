#include "web_page.h"

// Part of C23; the compiler says so in every older mode, and takes it all the same.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char shell_html[] = {
#embed "files/shell.html"
};
static const unsigned char login_html[] = {
#embed "files/login.html"
};
static const unsigned char login_form_html[] = {
#embed "files/login-form.html"
};
static const unsigned char page_css[] = {
#embed "files/page.css"
};
static const unsigned char page_js[] = {
#embed "files/page.js"
};
static const unsigned char box_js[] = {
#embed "files/box.js"
};
static const unsigned char stream_js[] = {
#embed "files/stream.js"
};
static const unsigned char dom_js[] = {
#embed "files/dom.js"
};
static const unsigned char now_js[] = {
#embed "files/now.js"
};
static const unsigned char calls_js[] = {
#embed "files/calls.js"
};
static const unsigned char views_js[] = {
#embed "files/views.js"
};
static const unsigned char plot_js[] = {
#embed "files/plot.js"
};
static const unsigned char login_js[] = {
#embed "files/login.js"
};
static const unsigned char talk_js[] = {
#embed "files/talk.js"
};
static const unsigned char sound_js[] = {
#embed "files/sound.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char icon_192_png[] = {
#embed "files/icon-192.png"
};
static const unsigned char icon_512_png[] = {
#embed "files/icon-512.png"
};
static const unsigned char page_webmanifest[] = {
#embed "files/page.webmanifest"
};
static const unsigned char en_json[] = {
#embed "files/en.json"
};
static const unsigned char de_json[] = {
#embed "files/de.json"
};

static const struct web_page_file files[] = {
    {"shell.html", shell_html, sizeof shell_html}, {"login.html", login_html, sizeof login_html},
    {"login-form.html", login_form_html, sizeof login_form_html},
    {"page.css", page_css, sizeof page_css},       {"page.js", page_js, sizeof page_js},
    {"box.js", box_js, sizeof box_js},             {"dom.js", dom_js, sizeof dom_js},
    {"stream.js", stream_js, sizeof stream_js},
    {"now.js", now_js, sizeof now_js},             {"calls.js", calls_js, sizeof calls_js},
    {"talk.js", talk_js, sizeof talk_js},          {"sound.js", sound_js, sizeof sound_js},
    {"plot.js", plot_js, sizeof plot_js},          {"views.js", views_js, sizeof views_js},       {"login.js", login_js, sizeof login_js},
    {"icon.svg", icon_svg, sizeof icon_svg},       {"en.json", en_json, sizeof en_json},
    {"de.json", de_json, sizeof de_json},
    {"icon-192.png", icon_192_png, sizeof icon_192_png},
    {"icon-512.png", icon_512_png, sizeof icon_512_png},
    {"page.webmanifest", page_webmanifest, sizeof page_webmanifest},
};

const struct web_page_file *web_page_files(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
