import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { knownServicesQuery } from '../api/queries.ts';

/** The name of a service, which leads to it when it is under control here: objectives and alerts may be about others. */
export function ServiceLink({ name }: { name: string }) {
  const known = useQuery(knownServicesQuery).data?.services;
  if (!known?.some((one) => one.name === name)) return <span>{name}</span>;
  return (
    <Link to="/services/$name" params={{ name }}>
      {name}
    </Link>
  );
}
