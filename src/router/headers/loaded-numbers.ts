// Edge dialect: this file is part of the router.

/** The numbers in the addresses of the files that every page loads: `/files/<digest>/2`. Those of icons follow. */
export const STYLE_SHEET = 1;
export const SCRIPT = 2;
export const LOGO = 3;
export const TOUCH_ICON = 4;
