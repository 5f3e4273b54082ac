export const newBun = { name: 'Kanelbulle', price: '24.90', quantity: 12 }

export const bun = { id: 1, ...newBun, created_at: '2026-11-23T09:30:00.123456+00:00' }
export const semla = {
  id: 2,
  name: 'Semla',
  price: '45.00',
  quantity: 0,
  created_at: '2026-11-23T09:30:00.123456+00:00',
}
