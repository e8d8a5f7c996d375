export const idParameter = { id: 'Of the subscription.' } as const;

export const letterParameter = { ...idParameter, letter: 'Of the dead letter, from the list.' } as const;
