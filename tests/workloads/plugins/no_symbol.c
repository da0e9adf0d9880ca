/* SPDX-License-Identifier: MIT */
/* A shared object that is no plugin. */
int wl_plugin_of_something_else = 1;
