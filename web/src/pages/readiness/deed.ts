import { useDeed as useDeedTo } from '../../components/deed.ts';

/**
 * What a person does to the readiness of a service: said when it is done, and the report is asked for again.
 *
 * @param done - What is said then.
 */
export function useDeed(service: string, done: string, then: Parameters<typeof useDeedTo>[2] = {}) {
  return useDeedTo({ under: ['services', service, 'readiness'], queryKey: ['readiness', service] }, done, then);
}
