pub mod encryption;
pub mod logout;
pub mod membership;
pub mod restart;
pub mod room_list;
pub mod second_device;
pub mod session;
pub mod timeline;
