import type { Metadata } from "next";

import { mayDelete } from "@/api/may";
import { me, members } from "@/api/readers";
import { DeletableRow } from "@/ui/deletable";
import { DeleteButton } from "@/ui/delete-button";
import { one, Pager, pageNumber, SearchForm } from "@/ui/parts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ searchParams }: PageProps<"/members">) {
  const search = await searchParams;
  const [caller, list] = await Promise.all([
    me(),
    members({ q: one(search, "q"), page: pageNumber(search), per_page: 20 }),
  ]);
  return (
    <>
      <h1 tabIndex={-1}>Members</h1>
      <SearchForm action="/members" search={search} />
      {list.items.length === 0 && <p>No members.</p>}
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Mail</th>
            <th>Role</th>
            <th>
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.items.map((member) => (
            <DeletableRow key={member.id}>
              <th scope="row">{member.name}</th>
              <td>{member.email}</td>
              <td data-label="Role">{member.role}</td>
              <td className="buttons">
                {mayDelete(caller, "member") && member.id !== caller.id && (
                  <DeleteButton
                    target={{ type: "member", id: member.id, title: member.name, etag: member.etag }}
                  />
                )}
              </td>
            </DeletableRow>
          ))}
        </tbody>
      </table>
      <Pager path="/members" search={search} {...list} />
    </>
  );
}
