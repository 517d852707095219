//! Wire types of the staff API, shared by the service and the staff console.
//!
//! The service has no staff API yet, so there is no type here. Each arrives with the first
//! endpoint that sends it, in one file for each resource; the crate depends on no other member.
