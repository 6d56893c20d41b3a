/** What a key may be allowed to do; every route names one. */
export const RIGHTS = ['read', 'trade', 'control'] as const;
export type Right = (typeof RIGHTS)[number];
