// Made up for this example: it opens nothing. What the scan finds is that it stands here.
export const database = { user: 'greetings', password: 'q7Vd2xKp9LmT4wRz8NbY' };
