/** A theme's name, and the class by which the workbench shows that it has it. */
export const themes = {
  light: { theme: 'Default Light Modern', look: 'vs' },
  dark: { theme: 'Default Dark Modern', look: 'vs-dark' },
  contrast: { theme: 'Default High Contrast', look: 'hc-black' },
};
