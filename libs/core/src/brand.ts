declare const brand: unique symbol;

/** A primitive that only a checked constructor may make. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
