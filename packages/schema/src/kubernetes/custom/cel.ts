/** Reads and evaluates CEL, the language of the validation rules of custom resource definitions. */
export interface Cel {
  /**
   * Why an expression cannot be read; nothing when it can, or when that cannot be told.
   *
   * @param variables the names that it may use
   */
  problemOf(expression: string, variables: readonly string[]): string | undefined;
  /**
   * What a rule says of a value; nothing when it needs what is not there, such as the old value, or a
   * function that is not known.
   */
  evaluate(rule: string, self: unknown): boolean | undefined;
}

/** A number that CEL is to see as a fraction, even if it is a whole one. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Stands for a value of a type that only the API server has. */
export const foreign: unique symbol = Symbol("a value of a foreign type");

/** A list whose order means nothing: rules compare it with other lists as a set. */
export class Unordered {
  readonly elements: readonly unknown[];
  constructor(elements: readonly unknown[]) {
    this.elements = elements;
  }
}
