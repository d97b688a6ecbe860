/** What the panel's form accepts. The page gets these as attributes of its fields; parsePanelRequest enforces them. */
export const articleLimits = {
  /** UTF-16 units. */
  titleLength: 100,
  /** UTF-16 units. */
  openingLength: 5000,
  /** 字 */
  minLength: 20,
  /** 字 */
  maxLength: 10_000,
  defaultLength: 400,
  maxSeed: 2 ** 32 - 1,
} as const;
